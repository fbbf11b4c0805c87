/** Characters that control a terminal or change how the text after them is displayed, except the line breaks of indented JSON. */
const CONTROLS = /[^\P{Cc}\n]|[\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** JSON that is safe to show in a terminal: what `JSON.stringify` leaves as it is, such as U+009B and U+202E, is escaped too. */
export const jsonText = (value: unknown, indent?: number): string => escapeControls(JSON.stringify(value, null, indent));

/** Whether a text contains characters that control a terminal. */
export const hasControls = (text: string): boolean => text !== escapeControls(text);

const escapeControls = (text: string): string =>
  text.replace(CONTROLS, (character) =>
    Array.from({ length: character.length }, (_, i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`).join(''),
  );
