import { Anchor, type AnchorProps } from '@mantine/core';
import { createLink } from '@tanstack/react-router';
import { type AnchorHTMLAttributes, forwardRef } from 'react';

type Props = AnchorProps & Omit<AnchorHTMLAttributes<HTMLAnchorElement>, keyof AnchorProps>;

/** A link to a page of the console: Mantine's look, and the router's check of the address. */
export const TextLink = createLink(
  forwardRef<HTMLAnchorElement, Props>(function TextLink(props, ref) {
    return <Anchor ref={ref} size="sm" {...props} />;
  }),
);
