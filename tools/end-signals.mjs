// What ends a command at a terminal: Ctrl-C, a supervisor, a terminal that is closed, an npm that is gone.

/** npm hands on what the terminal has told us already: signals within this time are one. */
const SAME_SIGNAL_MS = 1000;
const parent = process.ppid;

/** Calls `first` with why when this process is asked to end, and `again` whenever it is asked once more. */
export function onEnd(first, again) {
  let since;
  const asked = (why) => {
    if (since === undefined) {
      since = performance.now();
      first(why);
    } else if (performance.now() - since > SAME_SIGNAL_MS) again();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => asked(signal));
  // a reader or a terminal that is gone must not end us before what we have started
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  // npm, or the shell that it runs us in, does not always hand signals on: when it is gone, so are we
  if (process.env.npm_lifecycle_event !== undefined) {
    const timer = setInterval(() => {
      if (process.ppid === parent) return;
      clearInterval(timer);
      if (since === undefined) asked('the npm that started this is gone');
    }, 500).unref();
  }
}
