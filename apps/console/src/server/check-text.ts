import type { Schemas } from '@sluice/sdk';

/** A check in a sentence: its result, or why there was none. */
export function checkText({ checkedBy, nextCheckAllowedAt, nodes }: Schemas['ServerCheck']): string {
  const node = nodes.find(({ nodeName }) => nodeName === checkedBy);
  if (checkedBy !== null) return node?.state === 'healthy' ? `${checkedBy} reaches it` : `${checkedBy} does not reach it`;
  const seconds = Math.ceil((Date.parse(nextCheckAllowedAt) - Date.now()) / 1000);
  return seconds > 0 ? `Checked moments ago; again possible in ${seconds} s` : 'No relay of its proxy cluster responds';
}
