import { type Schemas, type SluiceClient, unwrap } from '@sluice/sdk';
import type { Command } from 'commander';
import type { SignedIn } from '../command/api.js';
import { addCommand, addDangerousCommand, type DangerousOptions, run } from '../command/command.js';
import { minor, whole } from '../terminal/fit-columns.js';
import type { Output, OutputOptions } from '../terminal/output.js';
import { showCount, showTime } from '../terminal/show.js';

type Authorities = Schemas['Authorities'];
type Step = Authorities['step'];
type Forced = DangerousOptions & { force?: true };

/** Adds `sluice admin authority ...`. */
export function addAuthorityCommands(admin: Command, signedIn: SignedIn): void {
  const authority = admin.command('authority').description('the certificate authority of nodes and accounts, and its rotation');

  addCommand(authority, 'show', {
    summary: 'show the authorities, and who the next step of a rotation waits for',
    example: 'admin authority show',
    more: 'A rotation has three steps: prepare, switch, retire. docs/deploy.md describes it.',
  })
    .option('--pem', 'print the certificate of the one that signs, as auditors give it to `sluice audit verify --authority`')
    .action((options: OutputOptions & { pem?: true }) =>
      run(options, async ({ out }) => {
        const shown = await unwrap(signedIn().GET('/api/v1/authorities'));
        if (options.pem !== true) return print(out, shown);
        const signer = shown.authorities.find(({ state }) => state === 'current');
        out.value({ certificate: signer?.certificate ?? '' }, () => out.line((signer?.certificate ?? '').trim()));
      }),
    );

  addDangerousCommand(authority, 'prepare', {
    summary: 'make the next authority: nodes and agents accept it, and the present one still signs',
    example: 'admin authority prepare',
  }).action((options: DangerousOptions) =>
    run(options, async ({ out, confirm }) => {
      const api = signedIn();
      await confirm(options, () =>
        Promise.resolve(
          'Preparing the next authority: all nodes and agents accept it as they accept the present one, which still signs.',
        ),
      );
      print(out, await unwrap(api.POST('/api/v1/authorities/prepare')));
    }),
  );

  addDangerousCommand(authority, 'switch', {
    summary: 'let the next authority sign: nodes and agents renew their certificates',
    example: 'admin authority switch',
    more: 'It is refused while a node or agent that is there does not accept the next authority yet.',
  })
    .option('--force', 'switch although some are not ready: they cannot connect until they have renewed')
    .action((options: Forced) =>
      run(options, async ({ out, confirm }) => {
        const api = signedIn();
        await confirm(options, async () =>
          warning(api, 'Letting the next authority sign; the key of the present one is deleted.', options),
        );
        const body = { force: options.force === true };
        print(out, await unwrap(api.POST('/api/v1/authorities/switch', { body })));
      }),
    );

  addDangerousCommand(authority, 'retire', {
    summary: 'retire the former authority: none of its certificates is accepted any more',
    example: 'admin authority retire',
    more: 'It is refused while a node or agent has a certificate of it, and while a cluster key or enrolment token pins it.',
  })
    .option(
      '--force',
      'retire although some are not ready: such nodes end their sessions and must be enrolled again, such keys and tokens stop working',
    )
    .action((options: Forced) =>
      run(options, async ({ out, confirm }) => {
        const api = signedIn();
        await confirm(options, async () => warning(api, 'Retiring the former authority: this cannot be undone.', options));
        const body = { force: options.force === true };
        print(out, await unwrap(api.POST('/api/v1/authorities/retire', { body })));
      }),
    );
}

/** What is asked before a step; if it is forced, with those that it harms. */
async function warning(api: SluiceClient, what: string, { force }: Forced): Promise<string> {
  if (force !== true) return what;
  const { awaited, awaitedCount } = await unwrap(api.GET('/api/v1/authorities'));
  const named = awaited.slice(0, 5).map(({ kind, name }) => `${kind} ${name}`);
  const more = awaitedCount > named.length ? ` and ${awaitedCount - named.length} more` : '';
  return named.length === 0 ? what : `${what} Not ready: ${named.join(', ')}${more}.`;
}

function print(out: Output, answer: Authorities): void {
  const { authorities, nodes, agents, awaited, awaitedCount, step } = answer;
  out.value(answer, () => {
    out.table(
      [
        whole('FINGERPRINT'),
        'STATE',
        minor('PREPARED', 4),
        minor('SIGNS SINCE', 2),
        minor('ACCEPTED UNTIL', 1),
        minor('EXPIRES', 3),
      ],
      authorities.map((each) => [
        each.fingerprint,
        each.state,
        showTime(each.preparedAt),
        each.switchedAt === null ? '-' : showTime(each.switchedAt),
        each.acceptedUntil === null ? '-' : showTime(each.acceptedUntil),
        showTime(each.expiresAt),
      ]),
      '',
    );
    if (step !== 'prepare')
      out.line(
        `${HAVE[step]}: ${nodes.ready} of ${showCount(nodes.all, 'node')}, ${agents.ready} of ${showCount(agents.all, 'agent')}.`,
      );
    if (awaited.length > 0)
      out.table(
        ['NOT READY', 'NAME', 'LAST SEEN', 'WHY'],
        awaited.map(({ kind, name, lastSeenAt, why }) => [kind, name, lastSeenAt === null ? '-' : showTime(lastSeenAt), why]),
        '',
      );
    if (awaitedCount > awaited.length) out.line(`${awaitedCount - awaited.length} more.`);
    out.line(NEXT[awaited.some(({ blocks }) => blocks) ? 'wait' : step]);
  });
}

const HAVE: Record<Exclude<Step, 'prepare'>, string> = {
  switch: 'Accept the next authority',
  retire: 'Have a certificate of the authority that signs',
};

const NEXT: Record<Step | 'wait', string> = {
  prepare: 'No rotation is under way.',
  switch: 'Next: sluice admin authority switch',
  retire: 'Next: sluice admin authority retire',
  wait: 'The next step waits for these. Look again with: sluice admin authority show',
};
