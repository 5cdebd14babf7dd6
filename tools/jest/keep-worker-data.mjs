// In a worker of jest-light-runner. The first worker that asks for its data has them sent to all that have a test file, and none of these
// is sent them again: one that still loads modules, and does not listen yet, would wait for ever when it asks. They are kept for it.
const { emit, send } = process;
let data;

process.emit = function (event, ...values) {
  if (event === 'message' && values[0]?.type === 'jest-light-runner-worker-data') data = values[0];
  return emit.call(this, event, ...values);
};

process.send = function (message, ...more) {
  if (data === undefined || message !== 'jest-light-runner-get-worker-data') return send.call(this, message, ...more);
  return emit.call(this, 'message', data);
};
