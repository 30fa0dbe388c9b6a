import { configure } from '@testing-library/react';

/** How long a screen may take to show what a test waits for, in ms: a busy machine is slower than the default second. */
configure({ asyncUtilTimeout: 5_000 });
