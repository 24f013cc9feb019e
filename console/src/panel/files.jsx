// The panel that turns a file into the id which mutations take.
import { useId, useState } from 'react';
import { upload } from '../upload.js';
import { session } from '../session.js';
import { useStore } from '../store.js';
import { FilesIcon } from './icons.jsx';

const megabytes = (bytes) => (bytes < 100_000 ? `${Math.ceil(bytes / 1000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`);

function Uploaded({ file }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(file.id);
    setCopied(true);
  };
  return (
    <li className="cairn-file">
      <strong>{file.name}</strong> <span className="cairn-hint">{megabytes(file.size)}</span>
      <div className="cairn-actions">
        <code>{file.id}</code>
        <button type="button" className="cairn-button" onClick={copy} aria-label={`Copy the id of ${file.name}`}>
          {copied ? 'Copied' : 'Copy id'}
        </button>
      </div>
    </li>
  );
}

function Files() {
  const id = useId();
  const { status } = useStore(session);
  const [files, setFiles] = useState([]);
  const [state, setState] = useState({ busy: false, fault: null });

  const send = async (event) => {
    const input = event.target;
    setState({ busy: true, fault: null });
    try {
      for (const file of input.files) {
        const stored = await upload(file);
        setFiles((before) => [{ id: stored.id, name: file.name, size: file.size }, ...before]);
      }
      setState({ busy: false, fault: null });
    } catch (fault) {
      setState({ busy: false, fault: fault.message });
    }
    input.value = '';
  };

  return (
    <div className="cairn-panel">
      <h2>Files</h2>
      <p className="cairn-hint">
        Upload a roster or a document of at most 10 MiB. Mutations take the id that comes back.
      </p>
      <label htmlFor={id} className="cairn-label">Choose a file</label>
      <input id={id} type="file" className="cairn-picker" multiple disabled={state.busy || status !== 'signedIn'} onChange={send} />
      {status !== 'signedIn' && <p className="cairn-hint">Sign in first.</p>}
      <p role="status">{state.busy ? 'Uploading…' : ''}</p>
      <p role="alert" className="cairn-fault">{state.fault}</p>
      <ul className="cairn-files">
        {files.map((file) => (
          <Uploaded key={file.id} file={file} />
        ))}
      </ul>
    </div>
  );
}

export const filesPanel = { title: 'Files', icon: FilesIcon, content: Files };
