/** Ends a switch over a closed set: does not compile while a member is missing, throws if one arrives at run time. */
export function exhaustive(value: never): never {
  throw new Error(`no case for ${String(value)}`);
}
