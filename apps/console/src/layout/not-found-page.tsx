import { Text } from '@mantine/core';
import { Page } from './page.js';
import { TextLink } from './text-link.js';

/** Shown at an address that no page has. */
export function NotFoundPage() {
  return (
    <Page title="No such page">
      <Text>
        Nothing is at this address.{' '}
        <TextLink underline="always" to="/">
          Go to the first page
        </TextLink>
      </Text>
    </Page>
  );
}
