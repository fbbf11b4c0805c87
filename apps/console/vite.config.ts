import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** The gateway that the development server hands API calls to: that of `npm start`. */
const GATEWAY = process.env['SLUICE_URL'] ?? 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [react()],
  resolve: { conditions: ['@sluice/source', 'module', 'browser', 'development|production'] },
  build: { target: 'es2022', sourcemap: false },
  // an object, because for a mere URL Vite replaces the Host header, which the gateway compares with Origin
  server: { host: '127.0.0.1', proxy: { '/api': { target: GATEWAY }, '/install': { target: GATEWAY } } },
});
