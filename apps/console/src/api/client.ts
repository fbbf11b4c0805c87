import { createSluiceClient } from '@sluice/sdk';

/** The API of the gateway that served this page. The login is a cookie that no script can read; the browser sends it along. */
export const api = createSluiceClient({ server: window.location.origin });
