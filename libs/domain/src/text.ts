/** Free text made safe to store and to show: control, format and line separator characters and lone surrogates are removed. */
export const plainText = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '');

/** Text that a peer chose: plain, and at most `max` UTF-16 units long. */
export const cleanText = (text: string, max: number): string => plainText(text.slice(0, max));
