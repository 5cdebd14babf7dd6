// A process that opens one session and says how that went: a driver may write to stderr, and may crash.
import './without-telemetry.ts';
import { InferenceSession } from '#onnxruntime';
import type { Opening, Outcome } from './open-apart.ts';

async function open({ model, options }: Opening): Promise<Outcome> {
  try {
    const session = await InferenceSession.create(model as string, options);
    await session.release();
    return {};
  } catch (error) {
    return { failure: (error as Error).message };
  }
}

process.once('message', (opening: Opening) => {
  void open(opening).then((outcome) => process.send!(outcome, () => process.exit()));
});
