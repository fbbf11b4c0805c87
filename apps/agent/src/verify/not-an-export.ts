/** A file is not an export that this release can read. */
export class NotAnExportError extends Error {
  override readonly name = 'NotAnExportError';
}
