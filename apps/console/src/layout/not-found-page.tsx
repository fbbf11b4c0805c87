import { Anchor, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { Page } from './page.js';

/** Shown at an address that no page has. */
export function NotFoundPage() {
  return (
    <Page title="No such page">
      <Text>
        Nothing is at this address.{' '}
        <Anchor underline="always" renderRoot={(props) => <Link to="/" {...props} />}>
          Go to the first page
        </Anchor>
      </Text>
    </Page>
  );
}
