// What the framed page gets for `second-factor`: the library of the page around it. The flow runs
// there, and a machine knows a code only if it was made by its own copy of the library.
import { demo } from './demo.ts';

const { library } = demo;

export const { connect } = library;

/** Leaves the first focus alone also where the visitor has it in the page around this one. */
export const followSteps: typeof library.followSteps = (root) =>
  library.followSteps({
    getElementById: (id) => root.getElementById(id),
    get activeElement() {
      const around = window.parent.document.activeElement;
      return around === window.frameElement ? (root.activeElement ?? null) : around;
    },
  });
