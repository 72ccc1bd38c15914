"""Sign-in with an organization's own accounts by OpenID Connect: code flow with PKCE, state, nonce and a signed ID token."""
