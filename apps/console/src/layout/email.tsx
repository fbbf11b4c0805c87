import { Fragment, type ReactNode } from 'react';

/** A part that is longer than this, in characters, may be broken anywhere, so that it pushes no column out of a narrow window. */
const LONGEST_PART = 16;

/** A text that is broken after the signs of its e-mail addresses and host names, if it must be. */
export const parted = (text: string): ReactNode =>
  partsOf(text).map((part, index) => (
    <Fragment key={index}>
      {index > 0 && <wbr />}
      {part}
    </Fragment>
  ));

/** An e-mail address, which is broken after its signs and not in the middle of a word. */
export const Email = ({ address }: { readonly address: string }) => (
  <span className={partsOf(address).some(({ length }) => length > LONGEST_PART) ? 'breakable' : 'parted'}>{parted(address)}</span>
);

const partsOf = (text: string): string[] => text.split(/(?<=[@.])/);
