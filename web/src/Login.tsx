import { useState } from "react";
import { api } from "./api.ts";
import { usePage } from "./context.ts";
import { LangSwitch } from "./Header.tsx";
import type { Lang } from "./i18n.ts";

export function Login({ setLang }: { setLang: (lang: Lang) => void }) {
  const { session, state, t } = usePage();
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  return (
    <main className="login">
      <form
        onSubmit={(e) => {
          e.preventDefault();
          void session.try(async () => {
            await api.login(name, password);
            await session.start("");
          });
        }}
      >
        <h1 className="brand">Atalaya</h1>
        <label>
          {t.name}
          <input value={name} autoComplete="username" onChange={(e) => setName(e.target.value)} />
        </label>
        <label>
          {t.password}
          <input
            type="password"
            value={password}
            autoComplete="current-password"
            onChange={(e) => setPassword(e.target.value)}
          />
        </label>
        {state.failure && <p role="alert">{state.failure}</p>}
        <button type="submit" className="main">
          {t.login}
        </button>
        <LangSwitch setLang={setLang} />
      </form>
    </main>
  );
}
