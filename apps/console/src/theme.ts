import { createTheme, type MantineColorsTuple } from '@mantine/core';

const teal: MantineColorsTuple = [
  '#e3fafc',
  '#c5f0f5',
  '#99e3ec',
  '#63d2e0',
  '#33bdd0',
  '#15a3b8',
  '#0d8aa0',
  '#0b7285',
  '#0a6273',
  '#084f5d',
];

/** How the console looks. Fonts are the system's: the page loads nothing from elsewhere. */
export const theme = createTheme({
  primaryColor: 'sluice',
  primaryShade: { light: 7, dark: 6 },
  autoContrast: true,
  colors: { sluice: teal },
  defaultRadius: 'md',
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, "Cascadia Mono", "SF Mono", Menlo, "DejaVu Sans Mono", monospace',
  headings: { fontWeight: '600' },
  cursorType: 'pointer',
});
