// An executor that says nothing of its tasks that a run could use.
import { definePlugin, tokens, type TaskOutcome } from '@farout/core';

const nonsense = [{ read: 'all of them', left: [] }] as unknown as readonly TaskOutcome[];

export default definePlugin({
  name: 'nonsense-elsewhere',
  services: { [tokens.executor]: () => ({ run: () => Promise.resolve(nonsense) }) },
});
