/** The embedded API server in a process of its own, so that its memory can be told from its clients'. */

import { startApiServer } from '../support/apiserver/server.ts';

const { url, caPem, token, stop } = await startApiServer();
process.send?.({ url, caPem, token });
process.on('message', () =>
  process.send?.({ rss: process.memoryUsage.rss(), peak: process.resourceUsage().maxRSS }),
);
process.once('disconnect', () => void stop());
