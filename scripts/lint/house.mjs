/**
 * Two lint rules of our own, for shared/: nothing built in can tell `new Date()` (reads the clock)
 * from `new Date(ms)` (pure). Both would otherwise pass: the Date and Math types are there.
 */

const noClock = {
  meta: {
    type: 'problem',
    messages: { clock: 'shared/ is pure: take the time as an argument (nowMs) instead of reading the clock.' },
  },
  create(context) {
    return {
      NewExpression(node) {
        if (isName(node.callee, 'Date') && node.arguments.length === 0) context.report({ node, messageId: 'clock' });
      },
      CallExpression(node) {
        if (isName(node.callee, 'Date')) context.report({ node, messageId: 'clock' });
      },
      MemberExpression(node) {
        if (isMember(node, 'Date', 'now')) context.report({ node, messageId: 'clock' });
      },
    };
  },
};

const noChance = {
  meta: {
    type: 'problem',
    messages: { chance: 'shared/ is pure: take the random value as an argument instead of drawing it.' },
  },
  create(context) {
    return {
      MemberExpression(node) {
        if (isMember(node, 'Math', 'random')) context.report({ node, messageId: 'chance' });
      },
    };
  },
};

function isName(node, name) {
  return node.type === 'Identifier' && node.name === name;
}

function isMember(node, object, property) {
  if (!isName(node.object, object)) return false;
  return node.computed ? node.property.value === property : isName(node.property, property);
}

export default { meta: { name: 'house' }, rules: { 'no-clock': noClock, 'no-chance': noChance } };
