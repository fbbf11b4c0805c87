import picocolors from 'picocolors';

/** Colours for a stream: on a terminal that takes them, and nowhere else, also where tests run. */
export const colorsOf = (stream: NodeJS.WritableStream & { readonly isTTY?: boolean }) =>
  picocolors.createColors(picocolors.isColorSupported && stream.isTTY === true);
