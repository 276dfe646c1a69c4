import { defineConfig } from "vite";

export default defineConfig({
  build: {
    outDir: "dist",
    assetsDir: "assets",
    // Monaco alone is larger than the default figure.
    chunkSizeWarningLimit: 8192,
    target: "es2022",
    // "use client" in libraries means nothing here, and is dropped.
    rolldownOptions: {
      checks: { moduleLevelDirective: false },
      input: ["index.html", "login.html"],
    },
  },
  experimental: {
    // The page stands at /graphql, that of the login at /graphql/login, and their files
    // below /graphql/assets. Addresses relative to a page keep all of them working behind
    // a proxy that adds a prefix.
    renderBuiltUrl: (file, { hostId, hostType }) => {
      if (hostType !== "html") return { relative: true };
      return hostId.endsWith("login.html") ? file : `graphql/${file}`;
    },
  },
});
