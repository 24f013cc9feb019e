// The panel where a person signs in, sees who they are, changes the organization and signs out.
import { useEffect, useId, useState } from 'react';
import { become, canBecome, cookbook } from '../recipe.js';
import { chooseOrganization, session, signIn, signOut } from '../session.js';
import { loadMemberships, membership } from '../membership.js';
import { useStore } from '../store.js';
import { PersonIcon } from './icons.jsx';

/** Runs one action at a time and keeps what went wrong for the person to read. */
function useAction() {
  const [state, setState] = useState({ busy: false, fault: null });
  const run = async (work) => {
    setState({ busy: true, fault: null });
    try {
      await work();
      setState({ busy: false, fault: null });
    } catch (fault) {
      setState({ busy: false, fault: fault.message });
    }
  };
  return { ...state, run };
}

function PasswordForm({ action }) {
  const id = useId();
  const submit = (event) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    action.run(() => signIn(form.get('email'), form.get('password')));
  };
  return (
    <form className="cairn-form" onSubmit={submit}>
      <label htmlFor={`${id}-email`}>E-mail</label>
      <input id={`${id}-email`} name="email" type="email" autoComplete="username" required />
      <label htmlFor={`${id}-password`}>Password</label>
      <input id={`${id}-password`} name="password" type="password" autoComplete="current-password" required />
      <button type="submit" className="cairn-button cairn-primary" disabled={action.busy}>
        {action.busy ? 'Signing in…' : 'Sign in'}
      </button>
    </form>
  );
}

function DemoPeople({ action, current }) {
  const book = useStore(cookbook);
  const people = book.people.filter(({ email }) => canBecome(book, email) && email !== current);
  if (people.length === 0) return null;
  return (
    <section aria-labelledby="cairn-demo-people">
      <h3 id="cairn-demo-people">{current ? 'Become another demo person' : 'Demo people'}</h3>
      <p className="cairn-hint">One click signs you in. They exist in demo mode only.</p>
      <ul className="cairn-people">
        {people.map(({ email, label }) => (
          <li key={email}>
            <button type="button" className="cairn-button" disabled={action.busy} onClick={() => action.run(() => become(email))}>
              <strong>{label}</strong> <span>{email}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Organization() {
  const id = useId();
  const { list } = useStore(membership);
  const { organization } = useStore(session);
  // What was created or joined since the last look.
  useEffect(() => {
    loadMemberships().catch((fault) => console.warn(fault));
  }, []);
  if (list.length === 0) return null;
  const current = list.find((one) => one.organization.id === organization) ?? list[0];
  return (
    <>
      <dt>{list.length > 1 ? <label htmlFor={id}>Organization</label> : 'Organization'}</dt>
      <dd>
        {list.length > 1 ? (
          <select id={id} value={current.organization.id} onChange={(event) => chooseOrganization(event.target.value)}>
            {list.map((one) => (
              <option key={one.organization.id} value={one.organization.id}>{one.organization.name}</option>
            ))}
          </select>
        ) : (
          current.organization.name
        )}
      </dd>
      {current.roles.length > 0 && (
        <>
          <dt>Role</dt>
          <dd>{current.roles.map(inWords).join(', ')}</dd>
        </>
      )}
    </>
  );
}

const inWords = (value) => value.charAt(0) + value.slice(1).toLowerCase().replaceAll('_', ' ');

function SignedIn({ viewer, action }) {
  return (
    <>
      <dl className="cairn-facts">
        <dt>Signed in as</dt>
        <dd>
          <strong>{viewer.name}</strong>
          <br />
          {viewer.email}
        </dd>
        <Organization />
      </dl>
      <button type="button" className="cairn-button" disabled={action.busy} onClick={() => action.run(signOut)}>
        Sign out
      </button>
      <DemoPeople action={action} current={viewer.email} />
    </>
  );
}

function SignIn() {
  const { status, viewer } = useStore(session);
  const action = useAction();
  return (
    <div className="cairn-panel">
      <h2>{status === 'signedIn' ? 'You' : 'Sign in'}</h2>
      {status === 'signedIn' && <SignedIn viewer={viewer} action={action} />}
      {status === 'signedOut' && (
        <>
          <PasswordForm action={action} />
          <DemoPeople action={action} />
        </>
      )}
      <p role="alert" className="cairn-fault">{action.fault}</p>
      <p className="cairn-hint cairn-note">
        The access token stays in this page’s memory. Signing out also clears the queries of this tab.
      </p>
    </div>
  );
}

export const signInPanel = { title: 'Sign in', icon: PersonIcon, content: SignIn };
