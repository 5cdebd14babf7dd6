// A process that opens one session, runs it and reports the result: a driver may write to stderr, and a model may crash it.
import type { ApartReply, ApartRequest } from './open-apart.ts';
import { openHere, type PlainSession } from './open-here.ts';

let session: PlainSession | undefined;

async function answer(request: ApartRequest): Promise<ApartReply> {
  try {
    if ('feeds' in request) return { results: await session!.run(request.feeds) };
    session = await openHere(request.opening);
    const { inputs, outputNames } = session;
    return { opened: { inputs, outputNames } };
  } catch (error) {
    return { failure: (error as Error).message };
  }
}

process.on('message', (request: ApartRequest) => void answer(request).then((reply) => process.send!(reply)));
// The parent closes the channel to end this process, and the system closes it when the parent dies.
process.on('disconnect', () => process.exit());
// A terminal sends its interrupt to every process; only the parent decides what to do.
process.on('SIGINT', () => undefined);
