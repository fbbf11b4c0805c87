const HOST_PORT = /^(\[[0-9a-fA-F:]+\]|[^:\s[\]]+):(\d{1,5})$/;

/** The two parts of `host:port`, without the brackets of IPv6; a port of 0 means any free one. Undefined for anything else. */
export function parseHostPort(text: string): { host: string; port: number } | undefined {
  const [, host = '', port = ''] = HOST_PORT.exec(text) ?? [];
  return host === '' || Number(port) > 65535 ? undefined : { host: host.replace(/^\[|\]$/g, ''), port: Number(port) };
}

/** Whether a text is the `host:port` of something that can be dialled: the port is not 0. */
export const isHostPort = (text: string): boolean => (parseHostPort(text)?.port ?? 0) > 0;
