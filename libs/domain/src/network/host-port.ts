const HOST_PORT = /^(?:\[[0-9a-fA-F:]+\]|[^:\s[\]]+):(\d{1,5})$/;

/** Whether a text is `host:port`, with IPv6 in brackets and a port from 1 to 65535. */
export function isHostPort(text: string): boolean {
  const port = Number(HOST_PORT.exec(text)?.[1]);
  return port >= 1 && port <= 65535;
}
