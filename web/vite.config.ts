import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [react()],
  base: "./",
  // MapLibre is most of the page; it comes from this machine, so one large file is no harm.
  worker: { format: "es" },
  build: { target: "es2022", chunkSizeWarningLimit: 2500 },
  server: {
    proxy: {
      "/api": { target: "http://127.0.0.1:8080", ws: true },
      "/background": "http://127.0.0.1:8080",
    },
  },
  test: { include: ["test/**/*.test.ts"] },
});
