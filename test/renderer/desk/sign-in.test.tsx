import { screen, waitFor } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { refusal } from '../../../shared/result.ts';
import { openDesk, page, pagesOpened, ready, seen, signedIn, talking } from './open-desk.ts';

describe('a seat that is locked (security 33, 34)', () => {
  it('says so, and lets the agent end the call in hand, and nothing else', async () => {
    const { user, desk, phone } = await talking();
    const { snapshot } = desk.seat.getState();
    if (snapshot === null) throw new Error('no snapshot');
    const locked = (ended: 'locked' | 'away') =>
      desk.seat.setState({
        snapshot: { ...snapshot, contact: null, session: { kind: 'signedOut', samples: [], ended } },
      });
    locked('locked');
    await seen('本坐席已被中心锁定');
    expect(screen.queryByRole('navigation')).toBeNull();
    await user.click(screen.getByRole('button', { name: '挂断' }));
    await waitFor(() => expect(phone.state().calls.every((call) => call.state.kind === 'ended')).toBe(true));
    await waitFor(() => expect(screen.queryByRole('button', { name: '挂断' })).toBeNull());
    locked('away');
    await seen('本坐席与中心失去联系过久');
  });
});

describe('signing in', () => {
  it('takes number and password, and says in words what is wrong', async () => {
    const { user, engine } = openDesk();
    await user.type(await screen.findByLabelText('工号'), '8001');
    await user.type(screen.getByLabelText('密码'), 'wrong');
    await user.click(screen.getByRole('button', { name: '签入' }));
    await seen('工号或密码不正确，请重新输入。');
    expect(screen.getByLabelText('密码')).toHaveProperty('value', '');
    await user.type(screen.getByLabelText('密码'), 'lanqiao');
    await user.keyboard('{Enter}');
    await screen.findByRole('navigation', { name: '功能' });
    expect(engine.snapshot().session.kind).toBe('signedIn');
  });

  it('offers the sample accounts of practice mode on one key', async () => {
    const { user, engine } = openDesk('en');
    await screen.findByRole('button', { name: /周一帆/ });
    await user.keyboard('2');
    await screen.findByRole('navigation', { name: 'Functions' });
    const { session } = engine.snapshot();
    expect(session.kind === 'signedIn' && session.agent.number).toBe('8002');
  });

  it('turns the digit of a sample account into a sentence when central says no', async () => {
    const { user, engine } = openDesk();
    await screen.findByRole('button', { name: /林小满/ });
    engine.world.refuseNext = refusal('locked', 'signInPaused', { minutes: 15 });
    await user.keyboard('1');
    expect(await seen('签入错误次数过多，请 15 分钟后再试。')).toBeTruthy();
  });

  it('in use at another seat: says so, and leaves that seat only when told to', async () => {
    const { user, engine } = openDesk();
    await screen.findByRole('button', { name: /林小满/ });
    engine.world.refuseNext = refusal('conflict', 'signedInElsewhere', { seenAtMs: Date.UTC(2026, 10, 22, 1, 5) });
    await user.keyboard('1');
    await seen(/您的工号正在另一台电脑上使用（最近一次在线 .+）。/);
    expect(engine.snapshot().session.kind).toBe('signedOut');
    await user.click(screen.getByRole('button', { name: '在本机签入，签出那边' }));
    await screen.findByRole('navigation', { name: '功能' });
    const { session } = engine.snapshot();
    expect(session.kind === 'signedIn' && session.agent.number).toBe('8001');
  });

  it('in a call at another seat: that comes first', async () => {
    const { user, engine } = openDesk('en');
    await screen.findByRole('button', { name: /林小满/ });
    engine.world.refuseNext = refusal('conflict', 'inCallElsewhere');
    await user.keyboard('1');
    await seen('Your agent number is in a call on another computer. End that call there first.');
    expect(screen.queryByRole('button', { name: 'Sign in here, leave the other one' })).toBeNull();
  });

  it('with the company’s account: opens the provider’s page, waits, and can be given up, by keyboard alone', async () => {
    const { user, engine } = openDesk('en');
    await screen.findByRole('button', { name: /周一帆/ });
    expect(screen.queryByRole('button', { name: 'Sign in with your company account' })).toBeNull();
    engine.world.setCompany({ kind: 'offered' });
    const begin = await screen.findByRole('button', { name: 'Sign in with your company account' });
    begin.focus();
    await user.keyboard('{Enter}');
    expect(await seen('Please sign in on the page that opened.')).toBeTruthy();
    expect(pagesOpened.splice(0)).toEqual(['https://id.example/sign-in']);
    const link = screen.getByRole('link', { name: 'No page opened? Open it here' });
    expect([link.getAttribute('href'), link.getAttribute('rel')]).toEqual([
      'https://id.example/sign-in',
      'noopener noreferrer',
    ]);
    await user.click(screen.getByRole('button', { name: 'Stop waiting' }));
    await screen.findByRole('button', { name: 'Sign in with your company account' });
  });

  it('a refusal of the company’s sign-in is a sentence; another seat is left when told to', async () => {
    const { user, engine } = openDesk();
    await screen.findByRole('button', { name: /林小满/ });
    engine.world.setCompany({ kind: 'refused', why: { kind: 'forbidden', reason: 'companyAccountUnknown' } });
    expect(await seen('中心没有与您的单位账号对应的工号，请联系班组长或管理员。')).toBeTruthy();
    engine.world.setCompany({
      kind: 'refused',
      why: { kind: 'conflict', reason: 'signedInElsewhere', params: { seenAtMs: 1 } },
    });
    await user.click(await screen.findByRole('button', { name: '在本机签入，签出那边' }));
    await screen.findByRole('navigation', { name: '功能' });
  });

  it('where passwords are off there is no field for one', async () => {
    const { engine } = openDesk();
    await screen.findByLabelText('工号');
    engine.world.setCompany({ kind: 'offered' }, true);
    await screen.findByRole('button', { name: '用单位账号签入' });
    await waitFor(() => expect(screen.queryByLabelText('密码')).toBeNull());
  });

  it('switches language on the spot', async () => {
    const { user } = openDesk();
    await user.click(await screen.findByRole('button', { name: 'English' }));
    await screen.findByRole('button', { name: 'Sign in' });
    expect(document.documentElement.lang).toBe('en');
    await user.click(screen.getByRole('button', { name: '中文' }));
    await screen.findByRole('button', { name: '签入' });
    expect(document.documentElement.lang).toBe('zh-CN');
  });

  it('leaves digits alone while the agent types', async () => {
    const { user, engine } = openDesk();
    await user.type(await screen.findByLabelText('工号'), '12');
    expect(screen.getByLabelText('工号')).toHaveProperty('value', '12');
    expect(engine.asked.some(({ name }) => name === 'session.signIn')).toBe(false);
  });
});

describe('devices before Ready', () => {
  it('are checked by themselves once somebody is signed in', async () => {
    const { desk } = await signedIn();
    await waitFor(() => expect(desk.phone.getState().state.devices.kind).toBe('ready'));
    await seen('麦克风和扬声器正常');
  });

  it.each([
    ['refused', '麦克风权限被拒绝'],
    ['absent', '没有找到麦克风'],
    ['inUse', '麦克风正被其他程序占用'],
    ['failed', '麦克风没有响应'],
  ] as const)('%s: say what to do, and keep the agent from being Ready', async (kind, sentence) => {
    const { user, engine, far } = await signedIn();
    far.microphone({ kind });
    await seen(sentence);
    expect(await screen.findByRole('button', { name: /^切换为就绪/ })).toHaveProperty('disabled', true);
    await user.keyboard('{F8}');
    await user.keyboard('1');
    await seen('请先让麦克风和扬声器通过检测，再切换为就绪。');
    expect(engine.agent().kind).toBe('notReady');
    far.microphone({ kind: 'ready', microphone: 'Headset', speaker: 'Headset' });
    await user.click(await screen.findByRole('button', { name: /^再听测试音|^重试/ }));
    await seen('麦克风和扬声器正常');
  });
});

describe('the desk around the work', () => {
  it('R38: F8 and a digit choose the state; shape, word and reason are shown', async () => {
    const { user, engine } = await ready();
    await user.keyboard('{F8}');
    await user.keyboard('2');
    await seen('示忙 · 小休');
    expect(engine.agent()).toMatchObject({ kind: 'notReady', reason: 'break' });
  });

  it('says that another window has the seat, and takes it back on a click', async () => {
    const { user, engine } = await signedIn();
    engine.world.displace();
    await seen('本坐席已在另一个窗口打开');
    await user.click(screen.getByRole('button', { name: '在此窗口使用' }));
    expect(await screen.findByRole('navigation', { name: '功能' })).toBeTruthy();
  });

  it('keeps everything on view while the engine is away, says so, and comes back by itself', async () => {
    const { engine } = await ready();
    engine.world.crash();
    await seen('与坐席服务的连接中断，正在自动重连');
    expect(screen.getByRole('navigation', { name: '功能' })).toBeTruthy();
    await waitFor(() => expect(page()).not.toContain('与坐席服务的连接中断'), { timeout: 4_000 });
    expect(engine.asked.filter(({ name }) => name === 'seat.snapshot').length).toBeGreaterThan(1);
  });

  it('the sync badge counts what waits, opens the refused ones and says why', async () => {
    const { user, engine } = await ready();
    engine.world.setSync({ kind: 'offline', waiting: 3, why: 'offline', attempt: 1, retryAtMs: Date.now() + 9_000 });
    engine.world.setRefusedOps([
      {
        opId: 'o1',
        name: 'contact.wrappedUp',
        contactId: null,
        atMs: Date.now(),
        kind: 'conflict',
        reason: 'contactClosed',
      },
    ]);
    await user.click(await screen.findByRole('button', { name: /3 未同步.*1 条被退回/ }));
    await seen('3 条已保存在本机');
    await seen('该接触已完成小结，不能再修改。');
    engine.world.setSync({ kind: 'idle', waiting: 0, atMs: Date.now() });
    expect(await seen('全部内容都已同步到中心。')).toBeTruthy();
  });

  it('a line that is gone is told with what happens next', async () => {
    const { far } = await ready();
    far.cutLine();
    await seen('电话线路中断，正在自动重连；恢复之前不会有新来电，请稍候。');
    far.restoreLine();
    await waitFor(() => expect(page()).not.toContain('恢复之前不会有新来电'));
  });

  it('signs out from the account menu, by way of the shift’s summary', async () => {
    const { user } = await signedIn('en');
    await user.click(screen.getByRole('button', { name: /林小满/ }));
    await user.click(await screen.findByRole('button', { name: 'Sign out' }));
    await user.click(await screen.findByRole('button', { name: 'Looks right, sign out' }));
    expect(await screen.findByRole('button', { name: 'Sign in' })).toBeTruthy();
  });
});
