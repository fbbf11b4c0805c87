/** What the systemd unit consists of. */
export interface UnitSettings {
  /** The Node that the agent runs on. */
  readonly node: string;
  /** The agent's program. */
  readonly program: string;
  /** systemd does not start the unit while this file is missing, because then nobody is signed in. */
  readonly loginFile: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** First line of a unit that we wrote, and therefore may replace and remove. */
export const UNIT_MARK = '# Written by `sluice agent install`, removed by `sluice agent uninstall`.';

/**
 * The text of the user unit that runs the agent.
 * @throws Error when a path has characters that a unit cannot contain
 */
export function unitText({ node, program, loginFile, environment }: UnitSettings): string {
  for (const text of [node, program, loginFile, ...Object.values(environment)])
    if (/[\0\r\n]/.test(text)) throw new Error(`a unit cannot name ${JSON.stringify(text)}: it has a line break`);
  if (/["'\\]/.test(node))
    throw new Error(`systemd starts no program with a quote or backslash in its path: ${node} (see SLUICE_NODE)`);
  const lines = Object.entries(environment).map(([name, value]) => `Environment=${quoted(`${name}=${value}`)}`);
  return `${UNIT_MARK}
[Unit]
Description=Sluice agent
ConditionPathExists=${specified(loginFile)}
StartLimitIntervalSec=120
StartLimitBurst=5

[Service]
ExecStart=${quoted(node)} ${quoted(program).replaceAll('$', '$$$$')} agent run
${lines.join('\n')}
Restart=on-failure
RestartSec=5
NoNewPrivileges=yes

[Install]
WantedBy=default.target
`;
}

/** Escapes `%`, which begins a specifier in a unit. */
const specified = (text: string): string => text.replaceAll('%', '%%');

const quoted = (text: string): string => `"${specified(text).replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
