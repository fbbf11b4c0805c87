import type { AgentPackage } from './agent-package.js';

/** The contents of `/install`: the commands to type, and a description of the file. */
interface Instructions {
  readonly title: string;
  readonly install: string;
  readonly check: string;
  readonly login: string;
  readonly file: string;
}

/** @param origin URL of this gateway, such as `https://sluice.example.com` */
function instructions({ version, bytes, sha256 }: AgentPackage, origin: string): Instructions {
  const url = `${origin}/install/sluice-agent.tgz`;
  return {
    title: `Sluice agent ${version}`,
    install: `npm i -g ${url}`,
    check: `curl -fO ${url} && echo '${sha256}  sluice-agent.tgz' | sha256sum -c && npm i -g ./sluice-agent.tgz`,
    login: `sluice login --server ${origin} --email YOU@EXAMPLE.COM`,
    file: `sluice-agent.tgz, ${bytes.length} bytes, SHA-256 ${sha256}`,
  };
}

const NEEDS =
  'Needs Node 20.19 or newer, at best 24, and nothing else. Tested on Linux x64; not tested on Linux arm64 and macOS.';

/** The page as plain text. */
export function installText(agent: AgentPackage, origin: string): string {
  const { title, install, check, login, file } = instructions(agent, origin);
  return `${title}

${NEEDS}

Install:            ${install}
Or check it first:  ${check}
Then sign in:       ${login}

${file}
`;
}

/** The page as HTML, without scripts and without anything loaded from elsewhere. */
export function installHtml(agent: AgentPackage, origin: string): string {
  const { title, install, check, login, file } = instructions(agent, origin);
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>${escape(title)}</title></head>
<body>
<h1>${escape(title)}</h1>
<p>${escape(NEEDS)}</p>
<p>Install:</p>
<pre>${escape(install)}</pre>
<p>Or check it first:</p>
<pre>${escape(check)}</pre>
<p>Then sign in:</p>
<pre>${escape(login)}</pre>
<p><a href="/install/sluice-agent.tgz">${escape(file)}</a></p>
</body>
</html>
`;
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escape = (text: string): string => text.replaceAll(/[&<>"']/g, (mark) => ENTITIES[mark] ?? '');
