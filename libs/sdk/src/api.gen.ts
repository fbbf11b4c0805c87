// Made by `npm run openapi` from the operations in libs/contracts. Do not edit.
export interface paths {
    "/api/v1/logins": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sign in with e-mail and password */
        post: operations["logins.create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/logins/current": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Sign out: the token, its certificates and the sessions they opened end */
        delete: operations["logins.end"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/passwords": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Set a new password with a one-time code from an administrator */
        post: operations["passwords.set"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What I am and may reach, and where the gateways are */
        get: operations["me.show"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me/servers/{id}/access": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Why I may not reach a server any more, where that was taken away within a day */
        get: operations["me.explain-access"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Change my password; my other logins end */
        post: operations["me.change-password"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me/logins": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** My logins that have not ended, newest first */
        get: operations["me.list-logins"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me/logins/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** End a login of mine: its token, its certificates and the sessions they opened end */
        delete: operations["me.end-login"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me/certificates": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Get a short-lived certificate for a key of your own */
        post: operations["me.certify"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me/attempts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** An agent reports an attempt that no relay answered */
        post: operations["attempts.report"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/servers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List servers by name */
        get: operations["servers.list"];
        put?: never;
        /** Add a TCP server */
        post: operations["servers.add"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/servers/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Check a server as adding it would, without adding it, and show where clients would find it */
        post: operations["servers.preview"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/servers/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Show a server with its health per node */
        get: operations["servers.show"];
        put?: never;
        post?: never;
        /** Delete a server and end its sessions */
        delete: operations["servers.delete"];
        options?: never;
        head?: never;
        /** Change a server; what is left out stays */
        patch: operations["servers.update"];
        trace?: never;
    };
    "/api/v1/servers/{id}/check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Check now whether the nodes reach a server */
        post: operations["servers.check"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/nodes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List gateways and relays */
        get: operations["nodes.list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/nodes/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Show a gateway or relay */
        get: operations["nodes.show"];
        put?: never;
        post?: never;
        /** Delete a node and revoke its identity */
        delete: operations["nodes.delete"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/nodes/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Create a token with which one relay enrols, once, within a day */
        post: operations["nodes.create-token"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/nodes/enrol": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Enrol a relay with its one-time token, or a worker with the key of its cluster */
        post: operations["nodes.enrol"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/nodes/renew": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Renew the credentials of a relay; the request is signed with the key of the present certificate */
        post: operations["nodes.renew"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/clusters": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List proxy clusters by name */
        get: operations["clusters.list"];
        put?: never;
        /** Add a proxy cluster */
        post: operations["clusters.add"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/clusters/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Show a proxy cluster */
        get: operations["clusters.show"];
        put?: never;
        post?: never;
        /** Delete a proxy cluster with its keys; refused while servers or nodes use it */
        delete: operations["clusters.delete"];
        options?: never;
        head?: never;
        /** Rename a proxy cluster; its workers, keys and servers stay */
        patch: operations["clusters.update"];
        trace?: never;
    };
    "/api/v1/cluster-keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the keys of proxy clusters, newest first; never the keys themselves */
        get: operations["cluster-keys.list"];
        put?: never;
        /** Create a key with which workers enrol into a proxy cluster; it is shown once */
        post: operations["cluster-keys.create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/cluster-keys/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Show a key of a proxy cluster; never the key itself */
        get: operations["cluster-keys.show"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/cluster-keys/{id}/revoke": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Revoke a key: nobody enrols with it any more; workers that have enrolled stay */
        post: operations["cluster-keys.revoke"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List users by e-mail */
        get: operations["users.list"];
        put?: never;
        /** Add a user; without a password one is made and shown once */
        post: operations["users.add"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Show a user */
        get: operations["users.show"];
        put?: never;
        post?: never;
        /** Delete a user and end their sessions; their records stay */
        delete: operations["users.delete"];
        options?: never;
        head?: never;
        /** Change a user's e-mail or what they may do in the API; what is left out stays */
        patch: operations["users.update"];
        trace?: never;
    };
    "/api/v1/users/{id}/suspend": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Suspend a user and end their sessions */
        post: operations["users.suspend"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users/{id}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Let a suspended user in again */
        post: operations["users.resume"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users/{id}/password-reset": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Take away the password of a user, end their logins, and make a one-time code to set a new one with; shown once */
        post: operations["users.reset-password"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users/{id}/logins": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Logins of a user that have not ended, newest first */
        get: operations["users.list-logins"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users/{id}/logins/{loginId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** End a login of a user */
        delete: operations["users.end-login"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/roles": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List roles by name */
        get: operations["roles.list"];
        put?: never;
        /** Add a role */
        post: operations["roles.add"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/roles/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Show a role */
        get: operations["roles.show"];
        put?: never;
        post?: never;
        /** Delete a role; sessions that it alone allowed end */
        delete: operations["roles.delete"];
        options?: never;
        head?: never;
        /** Rename a role; what it reaches and who holds it stays */
        patch: operations["roles.update"];
        trace?: never;
    };
    "/api/v1/roles/{id}/servers/{serverId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Let a role reach a server */
        put: operations["roles.grant"];
        post?: never;
        /** Take a server away from a role */
        delete: operations["roles.revoke"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/roles/{id}/users/{userId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Give a role to a user */
        put: operations["roles.assign"];
        post?: never;
        /** Take a role away from a user */
        delete: operations["roles.unassign"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/overview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Show what goes on: live sessions, sessions of the last hour and day, and why some were refused or failed */
        get: operations["overview.show"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Search sessions, newest first; a user sees their own */
        get: operations["sessions.list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sessions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Show one session; a user sees their own */
        get: operations["sessions.show"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sessions/{id}/end": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** End a running session */
        post: operations["sessions.end"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/activities": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What administrators did, newest first */
        get: operations["activities.list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/activities/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Show what an administrator did, and what changed by it */
        get: operations["activities.show"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/quarantine": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Facts that could not become records, newest first */
        get: operations["quarantine.list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/quarantine/{id}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Try again to make a record of a quarantined fact */
        post: operations["quarantine.retry"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/settings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Show the organization's settings */
        get: operations["settings.show"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Change the organization's settings; what is left out stays. Running sessions follow. Refused while a server stands outside of what would be left. */
        patch: operations["settings.update"];
        trace?: never;
    };
    "/api/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Server-sent events: `changes` names what has changed, at most once a second; `resync` asks to read everything again */
        get: operations["events.watch"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        Problem: {
            /** @enum {string} */
            type: "about:blank";
            /** @description What went wrong, for a person */
            title: string;
            status: number;
            /** @description Stable name of the problem; this release knows invalid_input, invalid_request, invalid_value, not_found, agent_not_packaged, console_not_built, cursor_invalid, version_conflict, idempotency_key_reused, answer_too_large, unauthenticated, forbidden, other_origin, wrong_credentials, wrong_password, password_must_be_changed, code_used, code_expired, account_suspended, renewal_refused, enrolment_token_invalid, enrolment_name_differs, cluster_key_invalid, node_deleted, busy, too_many_calls, too_many_failures, too_many_attempts, too_many_logins, too_many_streams, name_missing, name_too_long, name_edge_space, name_character, name_taken, node_name_invalid, email_invalid, email_taken, password_too_short, password_too_long, password_common, password_guessable, hostname_missing, hostname_invalid, hostname_never_dialled, port_invalid, port_override_invalid, port_override_none_left, port_override_taken, bind_address_invalid, bind_address_outside_range, bind_address_none_left, tags_too_many, tag_invalid, tag_key_invalid, tag_value_invalid, tag_duplicate, connectivity_mode_invalid, virtual_network_not_enabled, dns_invalid, dns_taken, dns_outside_zones, dns_needs_virtual_network, dns_zone_invalid, dns_zones_too_many, loopback_range_invalid, virtual_subnet_invalid, setting_invalid, public_key_invalid, nats_public_key_invalid, network_in_use, cluster_in_use, cluster_is_default, proxy_cluster_unknown, last_administrator, role_full, unavailable, fault */
            code: string;
            /** @description The input that was meant */
            field?: string;
            /** @description What it was */
            value?: string;
            requestId?: string;
            /** @description Seconds after which the same request may work */
            retryAfter?: number;
        };
        Login: {
            /** @description absent where the request asked for a cookie (`sluice-login: cookie`): then no script of a page can read it */
            token?: string;
            /** Format: uuid */
            loginId: string;
            expiresAt: string;
            account: {
                /** Format: uuid */
                id: string;
                email: string;
                /** @enum {string} */
                apiRole: "administrator" | "auditor" | "user";
            };
        };
        Withdrawn: {
            reach?: components["schemas"]["Reach"];
        };
        Reach: {
            /** @description false: committed, but nobody was told of it yet; it is published as soon as that works */
            published: boolean;
            /** @description relays that have applied it */
            relays: number;
            /** @description relays that it concerns and that may carry sessions */
            of: number;
            /** @description relays and gateways that have not said that they applied it */
            missing: {
                name: string;
                /** @enum {string} */
                kind: "gateway" | "relay";
                lastSeenAt: string | null;
            }[];
        };
        Nothing: Record<string, never>;
        AgentFeed: {
            /** Format: uuid */
            organizationId: string;
            account: {
                /** Format: uuid */
                id: string;
                email: string;
                /** @enum {string} */
                apiRole: "administrator" | "auditor" | "user";
            };
            resources: {
                /** Format: uuid */
                id: string;
                name: string;
                /** @enum {string} */
                type: "tcp";
                cluster: string;
                /** @enum {string} */
                connectivityMode: "loopback" | "virtual-network";
                bindAddress: string;
                port: number;
                /** @description what the relay dials, and so the name that a client which checks TLS names must be told; absent in answers of older releases */
                hostname?: string;
                /** @description another name of it, in virtual network mode */
                dns?: string | null;
                tags: {
                    [key: string]: string;
                };
                /** @enum {string} */
                health: "healthy" | "unhealthy";
                dialTimeoutSeconds: number;
                keepAliveSeconds: number;
                noDelay: boolean;
            }[];
            gateways: {
                /** Format: uuid */
                id: string;
                address: string;
            }[];
            /** @description relays that listen themselves: whoever can reach one needs no gateway */
            relays: {
                /** Format: uuid */
                id: string;
                cluster: string;
                address: string;
            }[];
            /** @description of links */
            keepAliveSeconds: number;
            /** @description of all of it; absent in answers of older releases */
            version?: string;
            /**
             * @description it is of the version that was asked with; the lists are left out
             * @enum {boolean}
             */
            unchanged?: true;
            /** @description how many resources came until here, where there are more: ask with it as `from` */
            next?: number;
        };
        Access: {
            /** @enum {string} */
            reason: "reachable" | "server deleted" | "role deleted" | "role taken away" | "not in a role" | "unknown";
            message: string;
            /** @description when it was taken away */
            at: string | null;
        };
        LoginInfo: {
            /** Format: uuid */
            id: string;
            createdAt: string;
            /** @description where it was opened from */
            address: string | null;
            /** @description to the minute */
            lastUsedAt: string | null;
            lastUsedAddress: string | null;
            expiresAt: string;
            /** @description whether it is the one that asks */
            current: boolean;
        };
        Certified: {
            /** @description PEM, valid for an hour */
            certificate: string;
            /** @description PEM */
            ca: string;
            expiresAt: string;
        };
        ReportedAttempt: {
            /** Format: uuid */
            id: string;
        };
        Server: {
            /** Format: uuid */
            id: string;
            version: number;
            name: string;
            /** @enum {string} */
            type: "tcp";
            /** @description null: the relays of the default cluster ("None (use gateways)") */
            proxyCluster: string | null;
            hostname: string;
            port: number;
            /** @enum {string} */
            connectivityMode: "loopback" | "virtual-network";
            bindAddress: string;
            portOverride: number;
            dns: string | null;
            tags: {
                [key: string]: string;
            };
            /** @description the server's own values; null: the organization's */
            settings: {
                /** @description how long a relay tries to connect to the server, 1-120 */
                dialTimeoutSeconds: number | null;
                /** @description ends a session that carries nothing for so long; 0: none */
                idleTimeoutSeconds: number | null;
                /** @description ends a session after so long; 0: none */
                maxSessionSeconds: number | null;
                /** @description TCP keep-alive after so long without a byte; 0: none */
                keepAliveSeconds: number | null;
                /** @description TCP_NODELAY at both ends of a session */
                noDelay: boolean | null;
                /** @description most sessions to one server at one relay; 0: none */
                sessionsPerServer: number | null;
            };
            /** @description a PROXY protocol v2 header tells the server the client's address */
            proxyProtocol: boolean;
            health: components["schemas"]["ServerHealth"];
            createdAt: string;
        };
        ServerHealth: {
            /** @enum {string} */
            state: "healthy" | "unhealthy";
            nodes: {
                nodeId: string;
                nodeName: string;
                /** @enum {string} */
                state: "unknown" | "healthy" | "unhealthy";
                /** @description the last check; one that changes nothing is shown within a minute */
                checkedAt?: string;
                /** @description how long the last probe that reached it took to connect */
                roundTripMs?: number;
                lastError?: string;
                lastErrorAt?: string;
            }[];
        };
        ServerPreview: {
            bindAddress: string;
            portOverride: number;
            dns: string | null;
        };
        ChangedServer: {
            /** Format: uuid */
            id: string;
            version: number;
            name: string;
            /** @enum {string} */
            type: "tcp";
            /** @description null: the relays of the default cluster ("None (use gateways)") */
            proxyCluster: string | null;
            hostname: string;
            port: number;
            /** @enum {string} */
            connectivityMode: "loopback" | "virtual-network";
            bindAddress: string;
            portOverride: number;
            dns: string | null;
            tags: {
                [key: string]: string;
            };
            /** @description the server's own values; null: the organization's */
            settings: {
                /** @description how long a relay tries to connect to the server, 1-120 */
                dialTimeoutSeconds: number | null;
                /** @description ends a session that carries nothing for so long; 0: none */
                idleTimeoutSeconds: number | null;
                /** @description ends a session after so long; 0: none */
                maxSessionSeconds: number | null;
                /** @description TCP keep-alive after so long without a byte; 0: none */
                keepAliveSeconds: number | null;
                /** @description TCP_NODELAY at both ends of a session */
                noDelay: boolean | null;
                /** @description most sessions to one server at one relay; 0: none */
                sessionsPerServer: number | null;
            };
            /** @description a PROXY protocol v2 header tells the server the client's address */
            proxyProtocol: boolean;
            health: components["schemas"]["ServerHealth"];
            createdAt: string;
            reach?: components["schemas"]["Reach"];
        };
        Node: {
            /** Format: uuid */
            id: string;
            version: number;
            name: string;
            /** @enum {string} */
            kind: "gateway" | "relay";
            proxyCluster: string | null;
            /** @description where agents find it, host:port: of a gateway, and of a relay that listens itself */
            address: string | null;
            /** @enum {string} */
            state: "online" | "draining" | "offline";
            /** @description of a relay: running sessions; of a gateway, which cannot see sessions: the links that it joins */
            sessions: number | null;
            lastSeenAt: string | null;
            enrolledAt: string;
        };
        NodeToken: {
            token: string;
            name: string;
            expiresAt: string;
        };
        NodeCredentials: {
            /** Format: uuid */
            nodeId: string;
            name: string;
            /** Format: uuid */
            organizationId: string;
            cluster: string;
            /** @description PEM, valid for a day */
            certificate: string;
            /** @description PEM */
            ca: string;
            nats: {
                servers: string[];
                jwt: string;
                /** @description PEM, of the certificate of the bus */
                ca?: string;
            };
            /**
             * @description through which the bus is reached where it cannot be itself
             * @default []
             */
            gateways: {
                /** Format: uuid */
                id: string;
                address: string;
            }[];
        };
        ProxyCluster: {
            id: string;
            version: number;
            name: string;
            /** @description relays that enrolled into it */
            workers: number;
            workersOnline: number;
            /** @description servers that are pinned to it */
            servers: number;
            createdAt: string;
        };
        ClusterKey: {
            /** Format: uuid */
            id: string;
            proxyCluster: string;
            createdAt: string;
            createdBy: string;
            lastUsedAt: string | null;
            revokedAt: string | null;
        };
        NewClusterKey: {
            /** Format: uuid */
            id: string;
            proxyCluster: string;
            createdAt: string;
            createdBy: string;
            lastUsedAt: string | null;
            revokedAt: string | null;
            key: string;
        };
        User: {
            /** Format: uuid */
            id: string;
            version: number;
            email: string;
            /** @enum {string} */
            apiRole: "administrator" | "auditor" | "user";
            /** @enum {string} */
            status: "active" | "suspended";
            roles: {
                /** Format: uuid */
                id: string;
                name: string;
            }[];
            createdAt: string;
        };
        AddedUser: {
            /** Format: uuid */
            id: string;
            version: number;
            email: string;
            /** @enum {string} */
            apiRole: "administrator" | "auditor" | "user";
            /** @enum {string} */
            status: "active" | "suspended";
            roles: {
                /** Format: uuid */
                id: string;
                name: string;
            }[];
            createdAt: string;
            /** @description only when it was made here; shown once */
            password?: string;
        };
        ChangedUser: {
            /** Format: uuid */
            id: string;
            version: number;
            email: string;
            /** @enum {string} */
            apiRole: "administrator" | "auditor" | "user";
            /** @enum {string} */
            status: "active" | "suspended";
            roles: {
                /** Format: uuid */
                id: string;
                name: string;
            }[];
            createdAt: string;
            reach?: components["schemas"]["Reach"];
        };
        PasswordReset: {
            code: string;
            expiresAt: string;
            reach?: components["schemas"]["Reach"];
        };
        Role: {
            /** Format: uuid */
            id: string;
            version: number;
            name: string;
            /** @description the first thousand by name */
            servers: {
                /** Format: uuid */
                id: string;
                name: string;
            }[];
            /** @description how many there are */
            serverCount?: number;
            /** @description the first thousand by e-mail */
            users: {
                /** Format: uuid */
                id: string;
                email: string;
            }[];
            /** @description how many there are */
            userCount?: number;
        };
        ChangedRole: {
            /** Format: uuid */
            id: string;
            version: number;
            name: string;
            /** @description the first thousand by name */
            servers: {
                /** Format: uuid */
                id: string;
                name: string;
            }[];
            /** @description how many there are */
            serverCount?: number;
            /** @description the first thousand by e-mail */
            users: {
                /** Format: uuid */
                id: string;
                email: string;
            }[];
            /** @description how many there are */
            userCount?: number;
            reach?: components["schemas"]["Reach"];
        };
        Overview: {
            at: string;
            /** @description sessions that run now */
            live: number;
            /** @description the last hour by minutes */
            minutes: {
                /** @description when the minute or hour began */
                at: string;
                /** @description that still run */
                live: number;
                completed: number;
                refused: number;
                failed: number;
                /** @description that these sessions have carried, both ways */
                bytes: number;
            }[];
            /** @description the last day by hours */
            hours: {
                /** @description when the minute or hour began */
                at: string;
                /** @description that still run */
                live: number;
                completed: number;
                refused: number;
                failed: number;
                /** @description that these sessions have carried, both ways */
                bytes: number;
            }[];
            /** @description the five servers with the most sessions within a day */
            servers: {
                id: string;
                name: string | null;
                sessions: number;
                bytes: number;
            }[];
            /** @description the five users with the most sessions within a day */
            users: {
                id: string;
                name: string | null;
                sessions: number;
                bytes: number;
            }[];
            /** @description why sessions were refused or failed within a day, most frequent first */
            reasons: {
                /** @enum {string} */
                outcome: "refused" | "failed" | "completed";
                /** @enum {string} */
                endReason: "no grant" | "account suspended" | "login ended" | "resource deleted" | "certificate expired" | "limit reached" | "policy stale" | "draining" | "journal full" | "egress denied" | "name not resolved" | "connect refused" | "unreachable" | "dial timeout" | "client gone" | "no relay" | "link lost" | "relay lost" | "journal failed" | "client closed" | "resource closed" | "client reset" | "resource reset" | "grant ended" | "idle" | "maximum length" | "operator ended" | "drained";
                count: number;
            }[];
            /** @description facts that JetStream has and the audit service has not stored yet */
            factsWaiting: number;
        };
        AuditRecord: {
            /** Format: uuid */
            id: string;
            requestId: string;
            attempt: number;
            /**
             * @description `presumed ended`: the relay was lost, and the figures are of its last checkpoint until it says more
             * @enum {string}
             */
            state: "live" | "presumed ended" | "final";
            account: {
                id: string;
                email: string | null;
            };
            resource: {
                id: string;
                name: string | null;
                tags: {
                    [key: string]: string;
                } | null;
            };
            relay: {
                id: string;
                name: string;
            } | null;
            gateway: string | null;
            clientAddress: string | null;
            dialledAddress: string | null;
            startedAt: string;
            endedAt: string | null;
            durationMs: number | null;
            bytesUp: number | null;
            bytesDown: number | null;
            /** @enum {string|null} */
            exactness: "exact" | "at most" | "at least" | null;
            /** @description the agent's word; null where it gave none */
            agentBytesUp: number | null;
            /** @description the agent's word; null where it gave none */
            agentBytesDown: number | null;
            /** @description agent and relay counted otherwise in a session that ended in order: look into it */
            countsDiffer: boolean;
            /** @enum {string|null} */
            outcome: "refused" | "failed" | "completed" | null;
            /** @enum {string|null} */
            endReason: "no grant" | "account suspended" | "login ended" | "resource deleted" | "certificate expired" | "limit reached" | "policy stale" | "draining" | "journal full" | "egress denied" | "name not resolved" | "connect refused" | "unreachable" | "dial timeout" | "client gone" | "no relay" | "link lost" | "relay lost" | "journal failed" | "client closed" | "resource closed" | "client reset" | "resource reset" | "grant ended" | "idle" | "maximum length" | "operator ended" | "drained" | null;
            message: string | null;
            endedBy: {
                id: string;
                email: string;
                why: string | null;
            } | null;
            revocationMs: number | null;
            rule: string | null;
            sharedListener: boolean;
            /** @enum {string} */
            source: "relay" | "agent";
            /** @description how many alike attempts this record stands for */
            repeats: number;
        };
        EndedSession: {
            ended: boolean;
        };
        Activity: {
            /** Format: uuid */
            id: string;
            at: string;
            actor: {
                id: string;
                email: string;
            };
            requestId: string;
            verb: string;
            object: {
                kind: string;
                id: string;
                name: string | null;
            };
            /** @description the user or server that was put into the role, or taken out of it */
            member?: {
                kind: string;
                id: string;
                name: string | null;
            };
            before: unknown;
            after: unknown;
            /**
             * @description what changed was too long to be told here
             * @enum {boolean}
             */
            shortened?: true;
        };
        QuarantinedFact: {
            id: number;
            subject: string;
            author: string | null;
            /** @enum {string} */
            kind: "quarantined" | "conflict" | "foreign";
            reason: string;
            receivedAt: string;
        };
        QuarantineRetried: {
            resolved: boolean;
            reason: string | null;
        };
        Settings: {
            /** @description how long a relay tries to connect to the server, 1-120 */
            dialTimeoutSeconds: number;
            /** @description ends a session that carries nothing for so long; 0: none */
            idleTimeoutSeconds: number;
            /** @description ends a session after so long; 0: none */
            maxSessionSeconds: number;
            /** @description TCP keep-alive after so long without a byte; 0: none */
            keepAliveSeconds: number;
            /** @description TCP_NODELAY at both ends of a session */
            noDelay: boolean;
            /** @description most sessions to one server at one relay; 0: none */
            sessionsPerServer: number;
            /** @description most sessions of one account at one relay; 0: none */
            sessionsPerAccount: number;
            /** @description most links of one account at one gateway, or one relay that listens; 0: none */
            linksPerAccount: number;
            /** @description most sessions from one source address at one relay; 0: none */
            sessionsPerAddress: number;
            /** @description most links from one source address at one gateway, or one relay that listens; 0: none */
            linksPerAddress: number;
            /** @description most connections a second from one source address at one tunnel port; 0: none */
            preamblesPerAddress: number;
            /** @description an address of 127.0.0.0/8, or a block of it ("multi-loopback") */
            loopbackRange: string;
            /** @description whether servers may be in virtual network mode */
            virtualNetworking: boolean;
            /** @description block of addresses for servers in virtual network mode */
            virtualSubnet: string;
            /** @description zones in which such servers may have names */
            dnsZones: string[];
            version: number;
        };
        ChangedSettings: {
            /** @description how long a relay tries to connect to the server, 1-120 */
            dialTimeoutSeconds: number;
            /** @description ends a session that carries nothing for so long; 0: none */
            idleTimeoutSeconds: number;
            /** @description ends a session after so long; 0: none */
            maxSessionSeconds: number;
            /** @description TCP keep-alive after so long without a byte; 0: none */
            keepAliveSeconds: number;
            /** @description TCP_NODELAY at both ends of a session */
            noDelay: boolean;
            /** @description most sessions to one server at one relay; 0: none */
            sessionsPerServer: number;
            /** @description most sessions of one account at one relay; 0: none */
            sessionsPerAccount: number;
            /** @description most links of one account at one gateway, or one relay that listens; 0: none */
            linksPerAccount: number;
            /** @description most sessions from one source address at one relay; 0: none */
            sessionsPerAddress: number;
            /** @description most links from one source address at one gateway, or one relay that listens; 0: none */
            linksPerAddress: number;
            /** @description most connections a second from one source address at one tunnel port; 0: none */
            preamblesPerAddress: number;
            /** @description an address of 127.0.0.0/8, or a block of it ("multi-loopback") */
            loopbackRange: string;
            /** @description whether servers may be in virtual network mode */
            virtualNetworking: boolean;
            /** @description block of addresses for servers in virtual network mode */
            virtualSubnet: string;
            /** @description zones in which such servers may have names */
            dnsZones: string[];
            version: number;
            reach?: components["schemas"]["Reach"];
        };
        Changes: {
            at: string;
            sessions: {
                opened: string[];
                /** @description ended, or refused or failed at the start */
                closed: string[];
                /** @description with new counts of bytes */
                progressed: string[];
                /** @description more has changed than the ids say: read the lists again */
                more: boolean;
            };
            objects: {
                /** @description one of server, node, node-token, cluster, cluster-key, user, role, login, session, settings, activity, health, feed, or one of a newer release. `health`: ids are of servers; `feed`: what the account may reach, as `GET /me` shows it */
                kind: string;
                ids: string[];
                /** @description more has changed than the ids say: read the lists again */
                more: boolean;
            }[];
        };
        Resync: {
            at: string;
            why: string;
        };
    };
    responses: never;
    parameters: {
        /** @description A repeat with the same key gives the first answer */
        IdempotencyKey: string;
        /** @description The token is set as a cookie that no script can read, and is not in the answer; from the own origin only */
        SluiceLogin: "cookie";
    };
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    "logins.create": {
        parameters: {
            query?: never;
            header?: {
                /** @description The token is set as a cookie that no script can read, and is not in the answer; from the own origin only */
                "sluice-login"?: components["parameters"]["SluiceLogin"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    email: string;
                    password: string;
                };
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Login"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "logins.end": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Withdrawn"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "passwords.set": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    email: string;
                    code: string;
                    /** @description 12 to 128 characters, and none that a guesser tries first; compared in Unicode form NFKC */
                    newPassword: string;
                };
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Nothing"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "me.show": {
        parameters: {
            query?: {
                version?: string;
                from?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AgentFeed"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "me.explain-access": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Access"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "me.change-password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    oldPassword: string;
                    /** @description 12 to 128 characters, and none that a guesser tries first; compared in Unicode form NFKC */
                    newPassword: string;
                };
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Withdrawn"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "me.list-logins": {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["LoginInfo"][];
                        nextCursor?: string;
                    };
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "me.end-login": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Withdrawn"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "me.certify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description PEM (SPKI, P-256); the key is made and kept by the caller */
                    publicKey: string;
                };
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Certified"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "attempts.report": {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeat with the same key gives the first answer */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** Format: uuid */
                    requestId: string;
                    attempt: number;
                    /** Format: uuid */
                    resourceId: string;
                    /** @enum {string} */
                    reason: "no relay" | "link lost";
                    message: string;
                    /** Format: date-time */
                    startedAt: string;
                };
            };
        };
        responses: {
            /** @description Done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReportedAttempt"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "servers.list": {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
                name?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Server"][];
                        nextCursor?: string;
                    };
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "servers.add": {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeat with the same key gives the first answer */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    name: string;
                    /**
                     * @default tcp
                     * @enum {string}
                     */
                    type?: "tcp";
                    hostname: string;
                    /** @description 1-65535, default 49150; exactly one */
                    port?: number;
                    proxyCluster?: string | null;
                    /** @description loopback (default) or virtual-network */
                    connectivityMode?: string;
                    /** @description empty: assigned */
                    bindAddress?: string | null;
                    /** @description empty: assigned; -1 on update asks for a new one */
                    portOverride?: number | null;
                    dns?: string | null;
                    tags?: {
                        [key: string]: string;
                    };
                    /** @description the server's own values; null: the organization's again; what is left out stays */
                    settings?: {
                        /** @description how long a relay tries to connect to the server, 1-120 */
                        dialTimeoutSeconds?: number | null;
                        /** @description ends a session that carries nothing for so long; 0: none */
                        idleTimeoutSeconds?: number | null;
                        /** @description ends a session after so long; 0: none */
                        maxSessionSeconds?: number | null;
                        /** @description TCP keep-alive after so long without a byte; 0: none */
                        keepAliveSeconds?: number | null;
                        /** @description TCP_NODELAY at both ends of a session */
                        noDelay?: boolean | null;
                        /** @description most sessions to one server at one relay; 0: none */
                        sessionsPerServer?: number | null;
                    };
                    /** @description default false */
                    proxyProtocol?: boolean;
                };
            };
        };
        responses: {
            /** @description Done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Server"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "servers.preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    name: string;
                    /**
                     * @default tcp
                     * @enum {string}
                     */
                    type?: "tcp";
                    hostname: string;
                    /** @description 1-65535, default 49150; exactly one */
                    port?: number;
                    proxyCluster?: string | null;
                    /** @description loopback (default) or virtual-network */
                    connectivityMode?: string;
                    /** @description empty: assigned */
                    bindAddress?: string | null;
                    /** @description empty: assigned; -1 on update asks for a new one */
                    portOverride?: number | null;
                    dns?: string | null;
                    tags?: {
                        [key: string]: string;
                    };
                    /** @description the server's own values; null: the organization's again; what is left out stays */
                    settings?: {
                        /** @description how long a relay tries to connect to the server, 1-120 */
                        dialTimeoutSeconds?: number | null;
                        /** @description ends a session that carries nothing for so long; 0: none */
                        idleTimeoutSeconds?: number | null;
                        /** @description ends a session after so long; 0: none */
                        maxSessionSeconds?: number | null;
                        /** @description TCP keep-alive after so long without a byte; 0: none */
                        keepAliveSeconds?: number | null;
                        /** @description TCP_NODELAY at both ends of a session */
                        noDelay?: boolean | null;
                        /** @description most sessions to one server at one relay; 0: none */
                        sessionsPerServer?: number | null;
                    };
                    /** @description default false */
                    proxyProtocol?: boolean;
                };
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServerPreview"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "servers.show": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Server"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "servers.delete": {
        parameters: {
            query: {
                version: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Withdrawn"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "servers.update": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    version: number;
                    name?: string;
                    hostname?: string;
                    /** @description 1-65535, default 49150; exactly one */
                    port?: number;
                    proxyCluster?: string | null;
                    /** @description loopback (default) or virtual-network */
                    connectivityMode?: string;
                    /** @description empty: assigned */
                    bindAddress?: string | null;
                    /** @description empty: assigned; -1 on update asks for a new one */
                    portOverride?: number | null;
                    dns?: string | null;
                    tags?: {
                        [key: string]: string;
                    };
                    /** @description the server's own values; null: the organization's again; what is left out stays */
                    settings?: {
                        /** @description how long a relay tries to connect to the server, 1-120 */
                        dialTimeoutSeconds?: number | null;
                        /** @description ends a session that carries nothing for so long; 0: none */
                        idleTimeoutSeconds?: number | null;
                        /** @description ends a session after so long; 0: none */
                        maxSessionSeconds?: number | null;
                        /** @description TCP keep-alive after so long without a byte; 0: none */
                        keepAliveSeconds?: number | null;
                        /** @description TCP_NODELAY at both ends of a session */
                        noDelay?: boolean | null;
                        /** @description most sessions to one server at one relay; 0: none */
                        sessionsPerServer?: number | null;
                    };
                    /** @description default false */
                    proxyProtocol?: boolean;
                };
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChangedServer"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "servers.check": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServerHealth"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "nodes.list": {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
                name?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Node"][];
                        nextCursor?: string;
                    };
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "nodes.show": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Node"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "nodes.delete": {
        parameters: {
            query: {
                version: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Withdrawn"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "nodes.create-token": {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeat with the same key gives the first answer */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description name of the relay; empty: assigned */
                    name?: string;
                    /** @description name or id of its proxy cluster; empty: the default cluster */
                    proxyCluster?: string | null;
                };
            };
        };
        responses: {
            /** @description Done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NodeToken"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "nodes.enrol": {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeat with the same key gives the first answer */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    secret: string;
                    /** @description the node's public key, PEM (SPKI, P-256) */
                    publicKey: string;
                    /** @description the node's public NATS user key */
                    natsPublicKey: string;
                    /** @description name of a worker, which is assigned otherwise; with a one-time token, the token's */
                    name?: string;
                };
            };
        };
        responses: {
            /** @description Done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NodeCredentials"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "nodes.renew": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    certificate: string;
                    /** @description the node's public key, PEM (SPKI, P-256) */
                    publicKey: string;
                    /** @description the node's public NATS user key */
                    natsPublicKey: string;
                    /** @description now, ISO 8601; within five minutes of the registry */
                    at: string;
                    /** @description base64 of ECDSA over certificate, keys and time, each on a line */
                    signature: string;
                };
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NodeCredentials"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "clusters.list": {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
                name?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["ProxyCluster"][];
                        nextCursor?: string;
                    };
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "clusters.add": {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeat with the same key gives the first answer */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    name: string;
                };
            };
        };
        responses: {
            /** @description Done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProxyCluster"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "clusters.show": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProxyCluster"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "clusters.delete": {
        parameters: {
            query: {
                version: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Nothing"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "clusters.update": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    version: number;
                    name: string;
                };
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProxyCluster"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "cluster-keys.list": {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
                proxyCluster?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["ClusterKey"][];
                        nextCursor?: string;
                    };
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "cluster-keys.create": {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeat with the same key gives the first answer */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description name or id of a proxy cluster */
                    proxyCluster: string;
                };
            };
        };
        responses: {
            /** @description Done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NewClusterKey"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "cluster-keys.show": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClusterKey"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "cluster-keys.revoke": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClusterKey"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "users.list": {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
                email?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["User"][];
                        nextCursor?: string;
                    };
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "users.add": {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeat with the same key gives the first answer */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    email: string;
                    /**
                     * @default user
                     * @enum {string}
                     */
                    apiRole?: "administrator" | "auditor" | "user";
                    password?: string;
                };
            };
        };
        responses: {
            /** @description Done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AddedUser"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "users.show": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "users.delete": {
        parameters: {
            query: {
                version: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Withdrawn"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "users.update": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    version: number;
                    email?: string;
                    /** @enum {string} */
                    apiRole?: "administrator" | "auditor" | "user";
                };
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "users.suspend": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    version: number;
                };
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChangedUser"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "users.resume": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    version: number;
                };
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "users.reset-password": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PasswordReset"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "users.list-logins": {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["LoginInfo"][];
                        nextCursor?: string;
                    };
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "users.end-login": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                loginId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Withdrawn"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "roles.list": {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
                name?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Role"][];
                        nextCursor?: string;
                    };
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "roles.add": {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeat with the same key gives the first answer */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    name: string;
                };
            };
        };
        responses: {
            /** @description Done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Role"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "roles.show": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Role"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "roles.delete": {
        parameters: {
            query: {
                version: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Withdrawn"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "roles.update": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    version: number;
                    name: string;
                };
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Role"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "roles.grant": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                serverId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Role"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "roles.revoke": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                serverId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChangedRole"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "roles.assign": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                userId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Role"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "roles.unassign": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                userId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChangedRole"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "overview.show": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Overview"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "sessions.list": {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
                resource?: string;
                account?: string;
                node?: string;
                since?: string;
                live?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["AuditRecord"][];
                        nextCursor?: string;
                    };
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "sessions.show": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AuditRecord"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "sessions.end": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    why?: string;
                };
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EndedSession"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "activities.list": {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
                actor?: string;
                action?: string;
                kind?: string;
                object?: string;
                since?: string;
                until?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Activity"][];
                        nextCursor?: string;
                    };
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "activities.show": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Activity"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "quarantine.list": {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["QuarantinedFact"][];
                        nextCursor?: string;
                    };
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "quarantine.retry": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["QuarantineRetried"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "settings.show": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Settings"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "settings.update": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description how long a relay tries to connect to the server, 1-120 */
                    dialTimeoutSeconds?: number;
                    /** @description ends a session that carries nothing for so long; 0: none */
                    idleTimeoutSeconds?: number;
                    /** @description ends a session after so long; 0: none */
                    maxSessionSeconds?: number;
                    /** @description TCP keep-alive after so long without a byte; 0: none */
                    keepAliveSeconds?: number;
                    /** @description TCP_NODELAY at both ends of a session */
                    noDelay?: boolean;
                    /** @description most sessions to one server at one relay; 0: none */
                    sessionsPerServer?: number;
                    /** @description most sessions of one account at one relay; 0: none */
                    sessionsPerAccount?: number;
                    /** @description most links of one account at one gateway, or one relay that listens; 0: none */
                    linksPerAccount?: number;
                    /** @description most sessions from one source address at one relay; 0: none */
                    sessionsPerAddress?: number;
                    /** @description most links from one source address at one gateway, or one relay that listens; 0: none */
                    linksPerAddress?: number;
                    /** @description most connections a second from one source address at one tunnel port; 0: none */
                    preamblesPerAddress?: number;
                    /** @description an address of 127.0.0.0/8, or a block of it ("multi-loopback") */
                    loopbackRange?: string;
                    /** @description whether servers may be in virtual network mode */
                    virtualNetworking?: boolean;
                    /** @description block of addresses for servers in virtual network mode */
                    virtualSubnet?: string;
                    /** @description zones in which such servers may have names */
                    dnsZones?: string[];
                    version: number;
                };
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChangedSettings"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "events.watch": {
        parameters: {
            query?: {
                /** @description The same, for who cannot set a header */
                lastEventId?: string;
            };
            header?: {
                /** @description Go on after this message */
                "Last-Event-ID"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The data of each message */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": components["schemas"]["Changes"] | components["schemas"]["Resync"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
}
