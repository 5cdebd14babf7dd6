// In a worker of jest-light-runner. When the first worker requests its data, they are sent to all workers with a test file, only once.
// A worker that is still loading modules and not yet listening would wait forever for them. This keeps them until it asks.
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
