// Loaded before farout by NODE_OPTIONS: when it has written what FAROUT_INTERRUPT_AT says to stderr, it gets SIGINT, as from
// Ctrl-C at this very moment, however busy the machine is.
const { stderr, env, pid } = process;
const write = stderr.write.bind(stderr);
let sent = false;
stderr.write = (text, ...words) => {
  if (!sent && String(text).includes(env.FAROUT_INTERRUPT_AT)) {
    sent = true;
    process.kill(pid, 'SIGINT');
  }
  return write(text, ...words);
};
