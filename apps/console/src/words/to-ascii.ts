/** An internationalized host name in ASCII, as the browser writes it; empty if it is not a host name. */
export function toAscii(name: string): string {
  try {
    return new URL(`http://${name}/`).hostname;
  } catch {
    return '';
  }
}
