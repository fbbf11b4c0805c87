import mark from './mark.svg';

/** The mark of Sluice. */
export const Mark = ({ size }: { readonly size: number }) => <img src={mark} width={size} height={size} alt="" aria-hidden />;
