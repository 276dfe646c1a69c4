import { defineConfig } from "vite";

export default defineConfig({
  build: {
    outDir: "dist",
    assetsDir: "assets",
    // Monaco alone is larger than the default figure.
    chunkSizeWarningLimit: 8192,
    target: "es2022",
    // "use client" in libraries means nothing here, and is dropped.
    rolldownOptions: { checks: { moduleLevelDirective: false } },
  },
  experimental: {
    // The page stands at /graphql and its files below /graphql/assets. Addresses relative
    // to the page keep both working behind a proxy that adds a prefix.
    renderBuiltUrl: (file, { hostType }) =>
      hostType === "html" ? `graphql/${file}` : { relative: true },
  },
});
