/** Ends a switch over a closed set: it does not compile while a member is missing, and throws if an unknown one arrives at run time. */
export function exhaustive(value: never): never {
  throw new Error(`no case for ${String(value)}`);
}
