import { cleanText } from '@sluice/domain';
import { z } from 'zod';

/** What a gateway's `/readyz` says. */
const Readyz = z.object({ problems: z.array(z.string()).max(100), degraded: z.array(z.string()).max(100) });

const MAX_SHOWN = 10;
const MAX_LENGTH = 300;

/** The problems that a gateway reports; undefined if it cannot be asked, for example behind a proxy that does not forward `/readyz`. */
export async function systemTroubles(server: string): Promise<string[] | undefined> {
  try {
    const options = { redirect: 'error', signal: AbortSignal.timeout(5000) } as const;
    const response = await fetch(`${new URL(server).origin}/readyz`, options);
    const { problems, degraded } = Readyz.parse(await response.json());
    return [...problems, ...degraded].slice(0, MAX_SHOWN).map((text) => cleanText(text, MAX_LENGTH));
  } catch {
    return undefined;
  }
}
