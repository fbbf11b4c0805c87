// What ends a command at a terminal: Ctrl-C, a supervisor, a closed terminal, or the end of npm.

/** npm forwards a signal that the terminal has also sent to this process: signals within this time count as one. */
const SAME_SIGNAL_MS = 1000;
const parent = process.ppid;

/** Calls `first` with the reason when this process is asked to end, and `again` each further time. */
export function onEnd(first, again) {
  let since;
  const asked = (why) => {
    if (since === undefined) {
      since = performance.now();
      first(why);
    } else if (performance.now() - since > SAME_SIGNAL_MS) again();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => asked(signal));
  // a reader or terminal that is gone must not end this process before its children
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  // npm, or the shell that it uses, does not always forward signals: when it is gone, this process ends
  if (process.env.npm_lifecycle_event !== undefined) {
    const timer = setInterval(() => {
      if (process.ppid === parent) return;
      clearInterval(timer);
      if (since === undefined) asked('the npm that started this is gone');
    }, 500).unref();
  }
}
