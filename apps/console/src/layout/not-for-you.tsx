import { EmptyState } from './empty-state.js';
import { Page } from './page.js';

/** Shown at a page that the account may not open. The API would refuse what the page asks for. */
export const NotForYou = ({ title, who = 'administrators and auditors' }: { readonly title: string; readonly who?: string }) => (
  <Page title={title}>
    <EmptyState title={`This page is for ${who}`}>
      Your account may not open it. An administrator can change what you may do.
    </EmptyState>
  </Page>
);
