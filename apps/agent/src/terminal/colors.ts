import picocolors from 'picocolors';

/** Colours for a stream, which are used only on a terminal that supports them. */
export const colorsOf = (stream: NodeJS.WritableStream & { readonly isTTY?: boolean }) =>
  picocolors.createColors(picocolors.isColorSupported && stream.isTTY === true);
