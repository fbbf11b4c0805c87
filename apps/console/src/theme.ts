import { createTheme, type CSSVariablesResolver, Input, type MantineColorsTuple } from '@mantine/core';

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
  primaryShade: 7,
  autoContrast: true,
  colors: { sluice: teal },
  defaultRadius: 'md',
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, "Cascadia Mono", "SF Mono", Menlo, "DejaVu Sans Mono", monospace',
  headings: { fontWeight: '600' },
  cursorType: 'pointer',
  components: {
    // below the field, so that fields beside each other stand in line however long their descriptions are
    InputWrapper: Input.Wrapper.extend({ defaultProps: { inputWrapperOrder: ['label', 'input', 'description', 'error'] } }),
  },
});

/** Mantine's dimmed text is too pale to be read by everybody: these have the contrast that WCAG AA asks for. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': '#5c636a',
    '--mantine-color-placeholder': '#6c737a',
    '--mantine-color-error': '#c92a2a',
    '--mantine-color-red-text': '#c92a2a',
    '--mantine-color-green-text': '#237a35',
    '--mantine-color-green-light-color': '#1b672c',
    '--mantine-color-yellow-light-color': '#7a4f00',
    '--mantine-color-orange-light-color': '#943a00',
    '--mantine-color-red-light-color': '#a61e1e',
    '--mantine-color-blue-light-color': '#14569c',
    '--mantine-color-gray-light-color': '#495057',
  },
  dark: { '--mantine-color-dimmed': '#a8adb2', '--mantine-color-placeholder': '#9298a0', '--mantine-color-error': '#ff8787' },
});
