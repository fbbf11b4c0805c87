/** The mark of Sluice. */
export const Mark = ({ size }: { readonly size: number }) => (
  <img src="/favicon.svg" width={size} height={size} alt="" aria-hidden />
);
