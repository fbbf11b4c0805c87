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
        /** Sign out: ends the token, its certificates and the sessions opened with them */
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
        /** Show my account, the servers that I may reach, and the gateways */
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
        /** Show why I can no longer reach a server, if the access was removed within the last day */
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
        /** List my logins that have not ended, newest first */
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
        /** End one of my logins, with its token, its certificates and the sessions opened with them */
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
        /** Report an attempt that no relay answered (for agents) */
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
        /** List servers by name; all filters must match */
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
        /** Validate a server without adding it, and show where clients would find it */
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
        /** Change a server; absent properties are kept */
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
        /** Check a server now, or show its last check if the budget does not allow another one yet */
        post: operations["servers.check"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/servers/{id}/access": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the users who may reach a server, with the roles that allow it, by e-mail */
        get: operations["servers.list-access"];
        put?: never;
        post?: never;
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
        /** Rename a relay, which has its new name in new records at its next renewal, within 20 minutes */
        patch: operations["nodes.update"];
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
        /** Create a one-time token with which a relay can enrol within a day */
        post: operations["nodes.create-token"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/nodes/{id}/drain": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Take a node out of service: it accepts nothing new, and stays so until it is undrained. Repeated, it replaces the deadline. Who would be cut: GET /sessions?live=true with node=ID of a relay or gateway=ID of a gateway */
        post: operations["nodes.drain"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/nodes/{id}/undrain": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Put a drained node into service again */
        post: operations["nodes.undrain"];
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
        /** Renew the credentials of a relay; the request is signed with the key of its current certificate */
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
        /** Rename a proxy cluster; its workers, keys and servers are kept */
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
        /** Create a key with which any number of relays enrol in a proxy cluster or the default one; it is shown once */
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
        /** Revoke a key: it can no longer be used to enrol; relays that have enrolled are kept */
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
        /** Add a user; if no password is given, one is generated and shown once */
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
        /** Delete a user and end their sessions; the records are kept */
        delete: operations["users.delete"];
        options?: never;
        head?: never;
        /** Change a user's e-mail or API role; absent properties are kept */
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
        /** Resume a suspended user */
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
        /** Invalidate the password of a user, end their logins, and create a one-time code to set a new password; shown once */
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
        /** List the logins of a user that have not ended, newest first */
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
    "/api/v1/users/{id}/access": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the servers that a user may reach, with the roles that allow it, by name; a suspended user cannot connect to them */
        get: operations["users.list-access"];
        put?: never;
        post?: never;
        delete?: never;
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
        /** Delete a role, and end the sessions that only this role allowed */
        delete: operations["roles.delete"];
        options?: never;
        head?: never;
        /** Rename a role; its servers and members are kept */
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
        /** Give a role access to a server */
        put: operations["roles.grant"];
        post?: never;
        /** Remove a server from a role */
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
        /** Assign a role to a user */
        put: operations["roles.assign"];
        post?: never;
        /** Remove a role from a user */
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
        /** Show an overview: live sessions, sessions of the last hour and day, why some were refused or failed, and what was wrong with facts */
        get: operations["overview.show"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/delivery": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Show how far facts have come: the journals of relays, the stream, the database, SIEM readers, and what is missing */
        get: operations["delivery.show"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/live-sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Count the running sessions of each server; servers without any are omitted */
        get: operations["live-sessions.by-server"];
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
        /** Search sessions, newest first; a user sees their own. A page may have few sessions or none and still a nextCursor: a request looks at a limited number of sessions */
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
    "/api/v1/sessions/{id}/facts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The facts about a session, with their numbers in the chain of their author, in the order in which they were received */
        get: operations["sessions.list-facts"];
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
        /** List what administrators did, newest first */
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
        /** Show what an administrator did, and what it changed */
        get: operations["activities.show"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/chains": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The chains of the facts that were received within a time, each up to the next signed head */
        get: operations["chains.list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/chains/{author}/{incarnation}/facts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The facts of a chain by number, exactly as they were received */
        get: operations["chains.facts"];
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
        /** List facts that could not become part of a record, newest first */
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
        /** Try again to apply a quarantined fact */
        post: operations["quarantine.retry"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/retention": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Show how long evidence is kept, and how much was dropped */
        get: operations["retention.show"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/holds": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List legal holds, newest first, also those that were released */
        get: operations["holds.list"];
        put?: never;
        /** Hold records of sessions and their facts: nothing that is held is dropped from the response on */
        post: operations["holds.create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/holds/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Show a legal hold */
        get: operations["holds.show"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/holds/{id}/release": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Release a legal hold: what it held may be dropped from a day later on */
        post: operations["holds.release"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/siem-readers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the SIEM readers of audit events by name, with how far each has come; never their credentials */
        get: operations["siem-readers.list"];
        put?: never;
        /** Create a SIEM reader with a durable consumer of its own; its NATS credentials are shown once. Without a start it receives events from now on */
        post: operations["siem-readers.create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/siem-readers/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Show a SIEM reader, how far it has come, and where its client finds NATS; never its credentials */
        get: operations["siem-readers.show"];
        put?: never;
        post?: never;
        /** Delete a SIEM reader with its consumer: its credentials receive nothing more */
        delete: operations["siem-readers.delete"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/siem-readers/{id}/rotate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Replace the credentials of a SIEM reader: the old ones receive nothing more, the new ones continue where it was */
        post: operations["siem-readers.rotate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/siem-readers/{id}/replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Let a SIEM reader receive events again from a time or a number, as far as JetStream keeps them; its credentials stay */
        post: operations["siem-readers.replay"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/authorities": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Show the certificate authorities of the installation, and what the next step of their rotation waits for */
        get: operations["authorities.show"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/authorities/prepare": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make the next certificate authority. Nodes and agents get it, and trust it from then on; the present one still signs */
        post: operations["authorities.prepare"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/authorities/switch": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Let the next certificate authority sign. Nodes and agents renew their certificates; those of the former one are still accepted */
        post: operations["authorities.switch"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/authorities/retire": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Retire the former certificate authority: nothing of it is accepted any more */
        post: operations["authorities.retire"];
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
        /** Change the organization's settings; absent settings are kept. Running sessions follow. Refused if an existing server would violate the new settings. */
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
        /** Server-sent events: `changes` lists what has changed, at most once per second; `resync` means that everything must be read again */
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
            /** @description What went wrong, for people */
            title: string;
            status: number;
            /** @description Stable name of the problem; this release knows invalid_input, invalid_request, invalid_value, not_found, agent_not_packaged, console_not_built, cursor_invalid, version_conflict, idempotency_key_reused, answer_too_large, upgrade_needed, unauthenticated, forbidden, other_origin, not_private, wrong_credentials, wrong_password, password_must_be_changed, code_used, code_expired, account_suspended, renewal_refused, enrolment_token_invalid, enrolment_name_differs, cluster_key_invalid, node_deleted, authority_retired, busy, too_many_calls, too_many_failures, too_many_attempts, too_many_logins, too_many_streams, name_missing, name_too_long, name_edge_space, name_character, name_taken, node_name_invalid, email_invalid, email_taken, password_too_short, password_too_long, password_common, password_guessable, hostname_missing, hostname_invalid, hostname_never_dialled, port_invalid, port_override_invalid, port_override_none_left, port_override_taken, bind_address_invalid, bind_address_outside_range, bind_address_none_left, tags_too_many, tag_invalid, tag_key_invalid, tag_value_invalid, tag_duplicate, connectivity_mode_invalid, check_invalid, virtual_network_not_enabled, dns_invalid, dns_taken, dns_outside_zones, dns_needs_virtual_network, dns_zone_invalid, dns_zones_too_many, loopback_range_invalid, virtual_subnet_invalid, setting_invalid, public_key_invalid, nats_public_key_invalid, siem_subjects_invalid, siem_start_invalid, hold_time_invalid, network_in_use, cluster_in_use, cluster_is_default, gateway_name_configured, proxy_cluster_unknown, last_administrator, role_full, siem_readers_full, authority_step_invalid, authority_in_use, unavailable, fault */
            code: string;
            /** @description The input that caused it */
            field?: string;
            /** @description The value of that input */
            value?: string;
            requestId?: string;
            /** @description Seconds after which the same request may succeed */
            retryAfter?: number;
        };
        Login: {
            /** @description absent if the request asked for a cookie (`sluice-login: cookie`), which no script can read */
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
            /** @description false: committed but not published to the relays yet; this is retried */
            published: boolean;
            /** @description relays that have applied it */
            relays: number;
            /** @description relays that are affected and may carry sessions */
            of: number;
            /** @description relays and gateways that have not confirmed that they applied it */
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
                /** @description what the relay dials: a client that checks TLS names must expect this name; absent in responses of older releases */
                hostname?: string;
                /** @description its DNS name in virtual network mode */
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
            /** @description relays with a listening address: an agent that can reach one needs no gateway */
            relays: {
                /** Format: uuid */
                id: string;
                cluster: string;
                address: string;
            }[];
            /** @description TCP keep-alive of links, seconds */
            keepAliveSeconds: number;
            /** @description fingerprints of the authorities whose certificates are accepted, first the one that signs: a caller that has others in `ca` asks for a new certificate; absent in responses of older releases */
            authorities?: string[];
            /** @description version of the whole feed; absent in responses of older releases */
            version?: string;
            /**
             * @description the feed still has the version in the request; the lists are empty
             * @enum {boolean}
             */
            unchanged?: true;
            /** @description where the next page begins, if there are more resources: pass it as `from` */
            next?: number;
        };
        Access: {
            /** @enum {string} */
            reason: "reachable" | "server deleted" | "role deleted" | "role taken away" | "not in a role" | "unknown";
            message: string;
            /** @description when the access was removed */
            at: string | null;
        };
        LoginInfo: {
            /** Format: uuid */
            id: string;
            createdAt: string;
            /** @description client address at sign-in */
            address: string | null;
            /** @description rounded to the minute */
            lastUsedAt: string | null;
            lastUsedAddress: string | null;
            expiresAt: string;
            /** @description whether this is the login of the request */
            current: boolean;
        };
        Certified: {
            /** @description PEM, valid for an hour */
            certificate: string;
            /** @description the authorities whose certificates are accepted, PEM; the first one has signed this certificate */
            ca: string;
            /** @description the same with the signatures by which they endorse each other; absent in responses of older releases */
            authorities?: {
                /** @description PEM */
                certificate: string;
                /** @description nothing that was signed later is accepted; null until another one signs */
                acceptedUntil: (string & (string)) | null;
                /** @description its signature over the next authority; null for the last one */
                endorsesNext: string | null;
                /** @description its signature over the authority before it and until when that is accepted; null until it signs, and for the first one */
                endorsesPrevious: string | null;
            }[];
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
                /** @description ends a session that has carried nothing for this long; 0: none */
                idleTimeoutSeconds: number | null;
                /** @description maximum length of a session; 0: none */
                maxSessionSeconds: number | null;
                /** @description idle time before TCP keep-alive probes; 0: none */
                keepAliveSeconds: number | null;
                /** @description TCP_NODELAY at both ends of a session */
                noDelay: boolean | null;
                /** @description maximum number of sessions to one server at one relay; 0: none */
                sessionsPerServer: number | null;
                /** @description a healthy server that no session has reached for this long is checked, 5-86400 */
                checkIntervalSeconds: number | null;
                /** @description all relays together connect to a server for a check at most once in this time, whoever asks for it, 1-3600 */
                checkBudgetSeconds: number | null;
            };
            /** @description the server receives the client's address in a PROXY protocol v2 header */
            proxyProtocol: boolean;
            /**
             * @description how relays check it: off (only sessions show its health), connect, or greeting (it must also send data within 2 s, as SSH, SMTP and MySQL do)
             * @enum {string}
             */
            check: "off" | "connect" | "greeting";
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
                /** @description time of the last check; a check that changes nothing appears within a minute */
                checkedAt?: string;
                /** @description time that the last successful check took to connect */
                roundTripMs?: number;
                lastError?: string;
                lastErrorAt?: string;
            }[];
            /** @description times of its changes within the last ten minutes; only if there are three or more */
            flapping?: string[];
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
                /** @description ends a session that has carried nothing for this long; 0: none */
                idleTimeoutSeconds: number | null;
                /** @description maximum length of a session; 0: none */
                maxSessionSeconds: number | null;
                /** @description idle time before TCP keep-alive probes; 0: none */
                keepAliveSeconds: number | null;
                /** @description TCP_NODELAY at both ends of a session */
                noDelay: boolean | null;
                /** @description maximum number of sessions to one server at one relay; 0: none */
                sessionsPerServer: number | null;
                /** @description a healthy server that no session has reached for this long is checked, 5-86400 */
                checkIntervalSeconds: number | null;
                /** @description all relays together connect to a server for a check at most once in this time, whoever asks for it, 1-3600 */
                checkBudgetSeconds: number | null;
            };
            /** @description the server receives the client's address in a PROXY protocol v2 header */
            proxyProtocol: boolean;
            /**
             * @description how relays check it: off (only sessions show its health), connect, or greeting (it must also send data within 2 s, as SSH, SMTP and MySQL do)
             * @enum {string}
             */
            check: "off" | "connect" | "greeting";
            health: components["schemas"]["ServerHealth"];
            createdAt: string;
            reach?: components["schemas"]["Reach"];
        };
        ServerCheck: {
            /** @enum {string} */
            state: "healthy" | "unhealthy";
            nodes: {
                nodeId: string;
                nodeName: string;
                /** @enum {string} */
                state: "unknown" | "healthy" | "unhealthy";
                /** @description time of the last check; a check that changes nothing appears within a minute */
                checkedAt?: string;
                /** @description time that the last successful check took to connect */
                roundTripMs?: number;
                lastError?: string;
                lastErrorAt?: string;
            }[];
            /** @description times of its changes within the last ten minutes; only if there are three or more */
            flapping?: string[];
            /** @description what that relay saw of its TLS, if the request asked for it; nothing of it is stored, and it does not change the health */
            tls?: components["schemas"]["TlsSeen"];
            /** @description name of the relay that checked it now; null: no relay did, and this is what was known before */
            checkedBy: string | null;
            /** @description when the budget allows another check */
            nextCheckAllowedAt: string;
        };
        TlsSeen: {
            /**
             * @description `no TLS`: the service sent something else, or closed the connection; `silent`: it sent nothing within 2 seconds; neither means that it is unhealthy
             * @enum {string}
             */
            result: "certificate" | "no TLS" | "silent" | "handshake failed";
            message: string;
            certificate: components["schemas"]["ServiceCertificate"] | null;
        };
        ServiceCertificate: {
            subject: string;
            issuer: string;
            /** @description its alternative names: the first 50 */
            names: string[];
            /** @description how many alternative names it has */
            nameCount: number;
            validFrom: string | null;
            validUntil: string | null;
            /** @description SHA-256 */
            fingerprint: string;
            /** @description whether it is within its validity period and issued by a public authority, or one that the relay's system trusts */
            trusted: boolean;
            untrustedBecause: string | null;
            /** @description for which of the names that clients may expect it is valid */
            fits: {
                name: string;
                /**
                 * @description `endpoint`: the host that relays dial, which a client can be configured to expect; `client`: where clients connect, which they expect by default
                 * @enum {string}
                 */
                use: "endpoint" | "client";
                fits: boolean;
            }[];
        };
        ServerAccess: {
            user: {
                /** Format: uuid */
                id: string;
                email: string;
                /**
                 * @description a suspended user cannot connect until they are resumed
                 * @enum {string}
                 */
                status: "active" | "suspended";
            };
            /** @description the roles that give the access, by name */
            roles: {
                /** Format: uuid */
                id: string;
                name: string;
                /** @description since when both the user and the server have been in the role; null if this is not known */
                since: string | null;
            }[];
            /** @description sessions of the user to the server that are running; null if the audit service does not answer */
            liveSessions: number | null;
        };
        Node: {
            /** Format: uuid */
            id: string;
            version: number;
            name: string;
            /** @enum {string} */
            kind: "gateway" | "relay";
            proxyCluster: string | null;
            /** @description host:port for agents, of a gateway or of a relay with a listening address */
            address: string | null;
            /**
             * @description what the node itself reports; `draining`: it accepts nothing new
             * @enum {string}
             */
            state: "online" | "draining" | "offline";
            /** @description set while an administrator wants the node to be drained, also while it is offline; absent in responses of older releases */
            drain?: {
                since: string;
                /** @description what still runs then is ended; null: it may run until it ends */
                deadline: string | null;
            } | null;
            /** @description running sessions of a relay; open links of a gateway, which cannot see sessions */
            sessions: number | null;
            /** @description bytes of sessions that a relay carries each second, in both directions; null for a gateway, and if it is offline */
            bytesPerSecond?: number | null;
            /** @description the release that it runs; null if it has not published it */
            release?: string | null;
            /** @description the oldest release that this installation works with, if the node runs an older one and is refused; otherwise null */
            upgradeNeeded?: string | null;
            lastSeenAt: string | null;
            enrolledAt: string;
        };
        NodeToken: {
            token: string;
            name: string;
            expiresAt: string;
        };
        DrainedNode: {
            /** Format: uuid */
            id: string;
            version: number;
            name: string;
            /** @enum {string} */
            kind: "gateway" | "relay";
            proxyCluster: string | null;
            /** @description host:port for agents, of a gateway or of a relay with a listening address */
            address: string | null;
            /**
             * @description what the node itself reports; `draining`: it accepts nothing new
             * @enum {string}
             */
            state: "online" | "draining" | "offline";
            /** @description set while an administrator wants the node to be drained, also while it is offline; absent in responses of older releases */
            drain?: {
                since: string;
                /** @description what still runs then is ended; null: it may run until it ends */
                deadline: string | null;
            } | null;
            /** @description running sessions of a relay; open links of a gateway, which cannot see sessions */
            sessions: number | null;
            /** @description bytes of sessions that a relay carries each second, in both directions; null for a gateway, and if it is offline */
            bytesPerSecond?: number | null;
            /** @description the release that it runs; null if it has not published it */
            release?: string | null;
            /** @description the oldest release that this installation works with, if the node runs an older one and is refused; otherwise null */
            upgradeNeeded?: string | null;
            lastSeenAt: string | null;
            enrolledAt: string;
            reach?: components["schemas"]["Reach"];
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
            /** @description the authorities whose certificates are accepted, PEM; the first one has signed this certificate */
            ca: string;
            /** @description the same with the signatures by which they endorse each other; absent in responses of older releases */
            authorities?: {
                /** @description PEM */
                certificate: string;
                /** @description nothing that was signed later is accepted; null until another one signs */
                acceptedUntil: (string & (string)) | null;
                /** @description its signature over the next authority; null for the last one */
                endorsesNext: string | null;
                /** @description its signature over the authority before it and until when that is accepted; null until it signs, and for the first one */
                endorsesPrevious: string | null;
            }[];
            nats: {
                servers: string[];
                jwt: string;
                /** @description certificate of the authority of the bus, PEM */
                ca?: string;
            };
            /**
             * @description gateways through which the bus can be reached if it cannot be reached directly
             * @default []
             */
            gateways: {
                /** Format: uuid */
                id: string;
                address: string;
            }[];
            /** @description base64 ECDSA signature of the authority that has signed the certificate over everything but `authorities`; absent in responses of older releases */
            signature?: string;
        };
        ProxyCluster: {
            id: string;
            version: number;
            name: string;
            /** @description relays that have enrolled in it */
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
            /**
             * @description state of the authority that relays with this key expect at the gateway: once it is retired, the key is refused
             * @enum {string}
             */
            authority: "next" | "current" | "former" | "retired";
        };
        NewClusterKey: {
            /** Format: uuid */
            id: string;
            proxyCluster: string;
            createdAt: string;
            createdBy: string;
            lastUsedAt: string | null;
            revokedAt: string | null;
            /**
             * @description state of the authority that relays with this key expect at the gateway: once it is retired, the key is refused
             * @enum {string}
             */
            authority: "next" | "current" | "former" | "retired";
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
            /** @description only if it was generated; it is shown once */
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
        UserAccess: {
            server: {
                /** Format: uuid */
                id: string;
                name: string;
            };
            /** @description the roles that give the access, by name */
            roles: {
                /** Format: uuid */
                id: string;
                name: string;
                /** @description since when both the user and the server have been in the role; null if this is not known */
                since: string | null;
            }[];
            /** @description sessions of the user to the server that are running; null if the audit service does not answer */
            liveSessions: number | null;
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
            /** @description sessions that are running */
            live: number;
            /** @description the last hour by minutes */
            minutes: {
                /** @description when the minute or hour began */
                at: string;
                /** @description sessions that are still running */
                live: number;
                completed: number;
                refused: number;
                failed: number;
                /** @description bytes that these sessions have carried in both directions */
                bytes: number;
            }[];
            /** @description the last day by hours */
            hours: {
                /** @description when the minute or hour began */
                at: string;
                /** @description sessions that are still running */
                live: number;
                completed: number;
                refused: number;
                failed: number;
                /** @description bytes that these sessions have carried in both directions */
                bytes: number;
            }[];
            /** @description the five servers with the most sessions within a day, and the five with the most bytes */
            servers: {
                id: string;
                name: string | null;
                sessions: number;
                bytes: number;
            }[];
            /** @description the five users with the most sessions within a day, and the five with the most bytes */
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
            /** @description what was wrong with facts within a day, by kind and author: the twenty latest, newest first */
            findings: {
                /** @enum {string} */
                kind: "quarantined" | "conflict" | "foreign" | "altered" | "unproven" | "gap" | "late" | "unopened" | "flood";
                /** @description id of a node, or the name of a service; null: the subject names nobody */
                author: string | null;
                count: number;
                /** @description the minute of the latest one */
                lastAt: string;
            }[];
            /** @description facts in JetStream that the audit service has not stored yet */
            factsWaiting: number;
        };
        DeliveryStatus: {
            at: string;
            stream: {
                /** @description number of the oldest event that JetStream keeps */
                firstNumber: number;
                lastNumber: number;
                /** @description when that oldest event was stored */
                firstAt: string | null;
                bytes: number;
                limitBytes: number;
            };
            /** @description the stream of OCSF events; null: there is no reader of it */
            ocsf: {
                /** @description number of the oldest event that JetStream keeps */
                firstNumber: number;
                lastNumber: number;
                /** @description when that oldest event was stored */
                firstAt: string | null;
                bytes: number;
                limitBytes: number;
            } | null;
            readers: {
                /**
                 * @description `records`: the audit service, which stores facts in the database; `ocsf`: the audit service, which converts them for readers of OCSF
                 * @enum {string}
                 */
                kind: "records" | "ocsf" | "siem";
                /** @description id of the SIEM reader */
                id: string | null;
                name: string;
                /** @description the JetStream stream that it reads, and that the numbers are of */
                stream: string;
                delivery: components["schemas"]["Delivery"];
            }[];
            /** @description those whose facts wait first */
            relays: {
                id: string;
                /** @description null: it is not online */
                name: string | null;
                cluster: string | null;
                /** @description its latest journal of which facts were stored */
                incarnation: string | null;
                /** @description all facts of that journal up to this number are stored, or were reported as a gap */
                through: number;
                /** @description the highest number that was stored; if it is above `through`, facts between them have not arrived yet */
                highest: number;
                /** @description facts in its journal that were not reported to it as stored; null: not online, or of an earlier release */
                journal: {
                    facts: number;
                    bytes: number;
                } | null;
            }[];
            /** @description the twenty latest with facts that are still missing */
            gaps: {
                author: string;
                incarnation: string;
                from: number;
                to: number;
                /** @description how many of them have not arrived since */
                missing: number;
                reportedAt: string;
            }[];
        };
        Delivery: {
            /** @description events that were not delivered yet */
            waiting: number;
            /** @description events that were delivered and not acknowledged yet */
            unacknowledged: number;
            /** @description number of the last event that was delivered */
            deliveredNumber: number;
            /** @description all its events up to this number are acknowledged */
            acknowledgedNumber: number;
            /** @description when it was last delivered an event; null: not since NATS was started */
            deliveredAt: string | null;
            /** @description when it last acknowledged an event; null: not since NATS was started */
            acknowledgedAt: string | null;
            /** @description when the oldest event was stored that it has not acknowledged; null: there is none */
            oldestAt: string | null;
        };
        LiveSessions: {
            /** @description most sessions first; at most 10,000 servers */
            servers: {
                id: string;
                sessions: number;
            }[];
        };
        AuditRecord: {
            /** Format: uuid */
            id: string;
            requestId: string;
            attempt: number;
            /**
             * @description `presumed ended`: the relay was lost, and the figures are those of its last checkpoint until it reports the end
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
            /** @description id of the relay's proxy cluster; `default`: the relays of none; null: no relay answered */
            proxyCluster: string | null;
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
            /** @description counted by the agent; null if it reported nothing */
            agentBytesUp: number | null;
            /** @description counted by the agent; null if it reported nothing */
            agentBytesDown: number | null;
            /** @description agent and relay counted differently although the session ended in an orderly way; this should be investigated */
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
            /** @description how many similar attempts this record represents */
            repeats: number;
        };
        SessionFact: {
            id: string;
            /** @description opened, checkpoint, closed, refused, failed or unanswered */
            kind: string;
            /** @description id of the relay, or `registry` for an attempt that no relay answered */
            author: string;
            /** @description the run of the author's journal */
            incarnation: string | null;
            /** @description within the incarnation, without gaps; null: a checkpoint, which has none */
            number: number | null;
            /** @description SHA-256 of the fact with the number before */
            previous: string | null;
            /** @description SHA-256 of this fact as it was published */
            hash: string;
            /** @description whether its author has signed the chain up to this fact or a later one, as the audit service has checked; null: a checkpoint. `sluice audit verify` proves it */
            signed: boolean | null;
            /** @description when it was written, by its author's clock */
            at: string;
            receivedAt: string;
            data: unknown;
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
            /** @description the user or server that was added to the role or removed from it */
            member?: {
                kind: string;
                id: string;
                name: string | null;
            };
            before: unknown;
            after: unknown;
            /**
             * @description the changes were too long to be returned here
             * @enum {boolean}
             */
            shortened?: true;
        };
        FactChain: {
            author: string;
            incarnation: string;
            from: number;
            to: number;
            /** @description what retention has dropped from the beginning of the chain; null: nothing */
            dropped: components["schemas"]["Dropped"] | null;
        };
        Dropped: {
            author: string;
            incarnation: string;
            through: number;
            hash: string;
            facts: number;
            records: number;
            /** Format: date-time */
            at: string;
            /** Format: base64 */
            certificate: string;
            /** Format: base64 */
            signature: string;
        };
        ChainFact: {
            number: number;
            subject: string;
            /** @description its exact bytes as text; null if they were not kept */
            body: string | null;
            /** @description of its bytes, in hexadecimal */
            sha256: string;
            /** @description how many numbers before it never arrived and were reported as a gap */
            missingBefore: number;
            /** @description why no record was made of it */
            quarantined: string | null;
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
        Retention: {
            kinds: {
                /** @enum {string} */
                kind: "sessions" | "activities" | "facts";
                /** @description how many days it is kept now; 0: forever */
                days: number;
                /** @description how many days the settings say */
                askedDays: number;
                /** @description from when on, to the minute, it is kept for the shorter time of the settings; null: it is already */
                dueAt: string | null;
            }[];
            droppedFacts: number;
            droppedRecords: number;
            /** @description when something was last dropped; null: never */
            droppedAt: string | null;
            /** @description when the oldest fact that is kept was received; null: there is none */
            oldestFactAt: string | null;
        };
        Hold: {
            /** @description id or e-mail that an account had at the time; null: of any */
            account: string | null;
            /** @description id or name that a server had at the time; null: of any */
            resource: string | null;
            /**
             * Format: date-time
             * @description sessions that had not ended then; null: from the beginning
             */
            since: string | null;
            /**
             * Format: date-time
             * @description sessions that began before, or within a day after; null: all later ones
             */
            until: string | null;
            /** Format: uuid */
            id: string;
            reason: string;
            createdAt: string;
            createdBy: string;
            releasedAt: string | null;
            releasedBy: string | null;
        };
        SiemReader: {
            /** Format: uuid */
            id: string;
            version: number;
            name: string;
            /**
             * @description the form of the events: as they were published, or converted to OCSF
             * @enum {string}
             */
            format: "cloudevents" | "ocsf";
            /** @description which events it receives, as patterns of NATS subjects */
            subjects: string[];
            /** @description the JetStream stream */
            stream: string;
            /** @description its durable consumer of that stream */
            consumer: string;
            /** @description the prefix of inboxes that its NATS client must use */
            inboxPrefix: string;
            /**
             * Format: date-time
             * @description it begins with the events that were stored then
             */
            fromTime: string | null;
            /** @description it begins with the event of this number, or with the oldest one if the stream has not reached the number */
            fromNumber: number | null;
            createdAt: string;
            createdBy: string;
            /** @description when its credentials were last replaced */
            rotatedAt: string | null;
            /** @description null: its consumer does not exist yet, or the audit service does not respond */
            delivery: components["schemas"]["Delivery"] | null;
            /** @description how far events are converted for readers of OCSF, in numbers of the stream of CloudEvents; null for others, or if it is unknown */
            conversion: components["schemas"]["Delivery"] | null;
        };
        SiemCredentials: {
            /** Format: uuid */
            id: string;
            version: number;
            name: string;
            /**
             * @description the form of the events: as they were published, or converted to OCSF
             * @enum {string}
             */
            format: "cloudevents" | "ocsf";
            /** @description which events it receives, as patterns of NATS subjects */
            subjects: string[];
            /** @description the JetStream stream */
            stream: string;
            /** @description its durable consumer of that stream */
            consumer: string;
            /** @description the prefix of inboxes that its NATS client must use */
            inboxPrefix: string;
            /**
             * Format: date-time
             * @description it begins with the events that were stored then
             */
            fromTime: string | null;
            /** @description it begins with the event of this number, or with the oldest one if the stream has not reached the number */
            fromNumber: number | null;
            createdAt: string;
            createdBy: string;
            /** @description when its credentials were last replaced */
            rotatedAt: string | null;
            /** @description null: its consumer does not exist yet, or the audit service does not respond */
            delivery: components["schemas"]["Delivery"] | null;
            /** @description how far events are converted for readers of OCSF, in numbers of the stream of CloudEvents; null for others, or if it is unknown */
            conversion: components["schemas"]["Delivery"] | null;
            /** @description addresses of NATS, as relays are given them */
            servers: string[];
            /** @description the authority of NATS's certificate, as PEM; null: one that clients trust without that */
            ca: string | null;
            /** @description the content of a .creds file, as NATS clients read it; shown once */
            credentials: string;
        };
        ShownSiemReader: {
            /** Format: uuid */
            id: string;
            version: number;
            name: string;
            /**
             * @description the form of the events: as they were published, or converted to OCSF
             * @enum {string}
             */
            format: "cloudevents" | "ocsf";
            /** @description which events it receives, as patterns of NATS subjects */
            subjects: string[];
            /** @description the JetStream stream */
            stream: string;
            /** @description its durable consumer of that stream */
            consumer: string;
            /** @description the prefix of inboxes that its NATS client must use */
            inboxPrefix: string;
            /**
             * Format: date-time
             * @description it begins with the events that were stored then
             */
            fromTime: string | null;
            /** @description it begins with the event of this number, or with the oldest one if the stream has not reached the number */
            fromNumber: number | null;
            createdAt: string;
            createdBy: string;
            /** @description when its credentials were last replaced */
            rotatedAt: string | null;
            /** @description null: its consumer does not exist yet, or the audit service does not respond */
            delivery: components["schemas"]["Delivery"] | null;
            /** @description how far events are converted for readers of OCSF, in numbers of the stream of CloudEvents; null for others, or if it is unknown */
            conversion: components["schemas"]["Delivery"] | null;
            /** @description addresses of NATS, as relays are given them */
            servers: string[];
            /** @description the authority of NATS's certificate, as PEM; null: one that clients trust without that */
            ca: string | null;
        };
        Authorities: {
            /** @description oldest first */
            authorities: {
                /** @description PEM */
                certificate: string;
                /** @description nothing that was signed later is accepted; null until another one signs */
                acceptedUntil: (string & (string)) | null;
                /** @description its signature over the next authority; null for the last one */
                endorsesNext: string | null;
                /** @description its signature over the authority before it and until when that is accepted; null until it signs, and for the first one */
                endorsesPrevious: string | null;
                /** @description SHA-256 of the certificate (DER), in hexadecimal */
                fingerprint: string;
                /** @enum {string} */
                state: "next" | "current" | "former" | "retired";
                preparedAt: string;
                /** @description when it began to sign; null for the first and the next one */
                switchedAt: string | null;
                expiresAt: string;
            }[];
            /**
             * @description the step that can be done next
             * @enum {string}
             */
            step: "prepare" | "switch" | "retire";
            /** @description nodes that are online, and how many of them the next step does not wait for */
            nodes: {
                ready: number;
                all: number;
            };
            /** @description the same of running agents */
            agents: {
                ready: number;
                all: number;
            };
            awaited: {
                /** @enum {string} */
                kind: "gateway" | "relay" | "agent" | "cluster key" | "enrolment token" | "services";
                /** @description of a node; the e-mail of who runs an agent; the cluster of a key */
                name: string;
                lastSeenAt: string | null;
                why: string;
                /** @description whether the next step is refused for it; others are only told */
                blocks: boolean;
            }[];
            awaitedCount: number;
        };
        Settings: {
            /** @description how long a relay tries to connect to the server, 1-120 */
            dialTimeoutSeconds: number;
            /** @description ends a session that has carried nothing for this long; 0: none */
            idleTimeoutSeconds: number;
            /** @description maximum length of a session; 0: none */
            maxSessionSeconds: number;
            /** @description idle time before TCP keep-alive probes; 0: none */
            keepAliveSeconds: number;
            /** @description TCP_NODELAY at both ends of a session */
            noDelay: boolean;
            /** @description maximum number of sessions to one server at one relay; 0: none */
            sessionsPerServer: number;
            /** @description maximum number of sessions of one account at one relay; 0: none */
            sessionsPerAccount: number;
            /** @description maximum number of links of one account at one gateway or listening relay; 0: none */
            linksPerAccount: number;
            /** @description maximum number of sessions from one source address at one relay; 0: none */
            sessionsPerAddress: number;
            /** @description maximum number of links from one source address at one gateway or listening relay; 0: none */
            linksPerAddress: number;
            /** @description maximum number of connections a second from one source address at one tunnel port; 0: none */
            preamblesPerAddress: number;
            /** @description a healthy server that no session has reached for this long is checked, 5-86400 */
            checkIntervalSeconds: number;
            /** @description all relays together connect to a server for a check at most once in this time, whoever asks for it, 1-3600 */
            checkBudgetSeconds: number;
            /** @description an address of 127.0.0.0/8, or a block of it ("multi-loopback") */
            loopbackRange: string;
            /** @description whether servers may be in virtual network mode */
            virtualNetworking: boolean;
            /** @description address block for servers in virtual network mode */
            virtualSubnet: string;
            /** @description zones in which such servers may have DNS names */
            dnsZones: string[];
            /** @description how many days records of sessions and attempts are kept, with their facts and all others of relays; 0: forever. A shorter time takes effect a day later */
            sessionRetentionDays: number;
            /** @description how many days activities are kept, with all facts of the registry; 0: forever. A shorter time takes effect a day later */
            activityRetentionDays: number;
            /** @description how many days other facts are kept: of health, integrity and services; 0: forever. A shorter time takes effect a day later */
            factRetentionDays: number;
            version: number;
        };
        ChangedSettings: {
            /** @description how long a relay tries to connect to the server, 1-120 */
            dialTimeoutSeconds: number;
            /** @description ends a session that has carried nothing for this long; 0: none */
            idleTimeoutSeconds: number;
            /** @description maximum length of a session; 0: none */
            maxSessionSeconds: number;
            /** @description idle time before TCP keep-alive probes; 0: none */
            keepAliveSeconds: number;
            /** @description TCP_NODELAY at both ends of a session */
            noDelay: boolean;
            /** @description maximum number of sessions to one server at one relay; 0: none */
            sessionsPerServer: number;
            /** @description maximum number of sessions of one account at one relay; 0: none */
            sessionsPerAccount: number;
            /** @description maximum number of links of one account at one gateway or listening relay; 0: none */
            linksPerAccount: number;
            /** @description maximum number of sessions from one source address at one relay; 0: none */
            sessionsPerAddress: number;
            /** @description maximum number of links from one source address at one gateway or listening relay; 0: none */
            linksPerAddress: number;
            /** @description maximum number of connections a second from one source address at one tunnel port; 0: none */
            preamblesPerAddress: number;
            /** @description a healthy server that no session has reached for this long is checked, 5-86400 */
            checkIntervalSeconds: number;
            /** @description all relays together connect to a server for a check at most once in this time, whoever asks for it, 1-3600 */
            checkBudgetSeconds: number;
            /** @description an address of 127.0.0.0/8, or a block of it ("multi-loopback") */
            loopbackRange: string;
            /** @description whether servers may be in virtual network mode */
            virtualNetworking: boolean;
            /** @description address block for servers in virtual network mode */
            virtualSubnet: string;
            /** @description zones in which such servers may have DNS names */
            dnsZones: string[];
            /** @description how many days records of sessions and attempts are kept, with their facts and all others of relays; 0: forever. A shorter time takes effect a day later */
            sessionRetentionDays: number;
            /** @description how many days activities are kept, with all facts of the registry; 0: forever. A shorter time takes effect a day later */
            activityRetentionDays: number;
            /** @description how many days other facts are kept: of health, integrity and services; 0: forever. A shorter time takes effect a day later */
            factRetentionDays: number;
            version: number;
            reach?: components["schemas"]["Reach"];
        };
        Changes: {
            at: string;
            sessions: {
                opened: string[];
                /** @description sessions that ended, and attempts that were refused or failed */
                closed: string[];
                /** @description sessions with new byte counts */
                progressed: string[];
                /** @description more objects changed than are listed: read the lists again */
                more: boolean;
            };
            objects: {
                /** @description one of server, node, node-token, cluster, cluster-key, user, role, login, session, settings, siem-reader, authority, activity, health, feed, or one of a newer release. `health`: ids are of servers; `feed`: what the account may reach, as `GET /me` shows it */
                kind: string;
                ids: string[];
                /** @description more objects changed than are listed: read the lists again */
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
        /** @description A repeated request with the same key receives the first response */
        IdempotencyKey: string;
        /** @description The token is set as a cookie that no script can read, and is not in the response; only for requests from the same origin */
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
                /** @description The token is set as a cookie that no script can read, and is not in the response; only for requests from the same origin */
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
                    /** @description 12 to 128 characters, and not easy to guess; normalized to NFKC */
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
                    /** @description 12 to 128 characters, and not easy to guess; normalized to NFKC */
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
                    /** @description PEM (SPKI, P-256); the caller generates the key pair and keeps the private key */
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
                /** @description A repeated request with the same key receives the first response */
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
                search?: string;
                tag?: string[];
                health?: "healthy" | "unhealthy" | "unchecked";
                type?: "tcp";
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
                /** @description A repeated request with the same key receives the first response */
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
                    /** @description exactly one port, 1-65535; default 49150 */
                    port?: number;
                    proxyCluster?: string | null;
                    /** @description loopback (default) or virtual-network */
                    connectivityMode?: string;
                    /** @description assigned if absent */
                    bindAddress?: string | null;
                    /** @description assigned if absent; -1 on update assigns a new one */
                    portOverride?: number | null;
                    dns?: string | null;
                    tags?: {
                        [key: string]: string;
                    };
                    /** @description the server's own values; null: use the organization's; absent values are kept */
                    settings?: {
                        /** @description how long a relay tries to connect to the server, 1-120 */
                        dialTimeoutSeconds?: number | null;
                        /** @description ends a session that has carried nothing for this long; 0: none */
                        idleTimeoutSeconds?: number | null;
                        /** @description maximum length of a session; 0: none */
                        maxSessionSeconds?: number | null;
                        /** @description idle time before TCP keep-alive probes; 0: none */
                        keepAliveSeconds?: number | null;
                        /** @description TCP_NODELAY at both ends of a session */
                        noDelay?: boolean | null;
                        /** @description maximum number of sessions to one server at one relay; 0: none */
                        sessionsPerServer?: number | null;
                        /** @description a healthy server that no session has reached for this long is checked, 5-86400 */
                        checkIntervalSeconds?: number | null;
                        /** @description all relays together connect to a server for a check at most once in this time, whoever asks for it, 1-3600 */
                        checkBudgetSeconds?: number | null;
                    };
                    /** @description default false */
                    proxyProtocol?: boolean;
                    /** @description off, connect (default) or greeting */
                    check?: string;
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
                    /** @description exactly one port, 1-65535; default 49150 */
                    port?: number;
                    proxyCluster?: string | null;
                    /** @description loopback (default) or virtual-network */
                    connectivityMode?: string;
                    /** @description assigned if absent */
                    bindAddress?: string | null;
                    /** @description assigned if absent; -1 on update assigns a new one */
                    portOverride?: number | null;
                    dns?: string | null;
                    tags?: {
                        [key: string]: string;
                    };
                    /** @description the server's own values; null: use the organization's; absent values are kept */
                    settings?: {
                        /** @description how long a relay tries to connect to the server, 1-120 */
                        dialTimeoutSeconds?: number | null;
                        /** @description ends a session that has carried nothing for this long; 0: none */
                        idleTimeoutSeconds?: number | null;
                        /** @description maximum length of a session; 0: none */
                        maxSessionSeconds?: number | null;
                        /** @description idle time before TCP keep-alive probes; 0: none */
                        keepAliveSeconds?: number | null;
                        /** @description TCP_NODELAY at both ends of a session */
                        noDelay?: boolean | null;
                        /** @description maximum number of sessions to one server at one relay; 0: none */
                        sessionsPerServer?: number | null;
                        /** @description a healthy server that no session has reached for this long is checked, 5-86400 */
                        checkIntervalSeconds?: number | null;
                        /** @description all relays together connect to a server for a check at most once in this time, whoever asks for it, 1-3600 */
                        checkBudgetSeconds?: number | null;
                    };
                    /** @description default false */
                    proxyProtocol?: boolean;
                    /** @description off, connect (default) or greeting */
                    check?: string;
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
                    /** @description exactly one port, 1-65535; default 49150 */
                    port?: number;
                    proxyCluster?: string | null;
                    /** @description loopback (default) or virtual-network */
                    connectivityMode?: string;
                    /** @description assigned if absent */
                    bindAddress?: string | null;
                    /** @description assigned if absent; -1 on update assigns a new one */
                    portOverride?: number | null;
                    dns?: string | null;
                    tags?: {
                        [key: string]: string;
                    };
                    /** @description the server's own values; null: use the organization's; absent values are kept */
                    settings?: {
                        /** @description how long a relay tries to connect to the server, 1-120 */
                        dialTimeoutSeconds?: number | null;
                        /** @description ends a session that has carried nothing for this long; 0: none */
                        idleTimeoutSeconds?: number | null;
                        /** @description maximum length of a session; 0: none */
                        maxSessionSeconds?: number | null;
                        /** @description idle time before TCP keep-alive probes; 0: none */
                        keepAliveSeconds?: number | null;
                        /** @description TCP_NODELAY at both ends of a session */
                        noDelay?: boolean | null;
                        /** @description maximum number of sessions to one server at one relay; 0: none */
                        sessionsPerServer?: number | null;
                        /** @description a healthy server that no session has reached for this long is checked, 5-86400 */
                        checkIntervalSeconds?: number | null;
                        /** @description all relays together connect to a server for a check at most once in this time, whoever asks for it, 1-3600 */
                        checkBudgetSeconds?: number | null;
                    };
                    /** @description default false */
                    proxyProtocol?: boolean;
                    /** @description off, connect (default) or greeting */
                    check?: string;
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
        requestBody?: {
            content: {
                "application/json": {
                    /**
                     * @description also try a TLS handshake, and show the certificate: `direct`: TLS from the first byte; `postgresql`: after the request of PostgreSQL; others that begin without TLS, such as MySQL, are not known
                     * @enum {string}
                     */
                    tls?: "direct" | "postgresql";
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
                    "application/json": components["schemas"]["ServerCheck"];
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
    "servers.list-access": {
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
                        items: components["schemas"]["ServerAccess"][];
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
    "nodes.list": {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
                name?: string;
                gone?: boolean;
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
    "nodes.update": {
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
    "nodes.create-token": {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeated request with the same key receives the first response */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /** @description name of the relay; if empty, one is assigned */
                    name?: string;
                    /** @description name or id of its proxy cluster; if empty, the default cluster */
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
    "nodes.drain": {
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
                    /** @description after how long sessions that still run are ended, as `drained`; if empty, they may run until they end */
                    deadlineSeconds?: number | null;
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
                    "application/json": components["schemas"]["DrainedNode"];
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
    "nodes.undrain": {
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
                    "application/json": components["schemas"]["DrainedNode"];
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
                /** @description A repeated request with the same key receives the first response */
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
                    /** @description name of a worker; assigned if absent. With a one-time token it must be the token's name */
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
                    /** @description current time, ISO 8601; at most five minutes from the time of the registry */
                    at: string;
                    /** @description base64 ECDSA signature of certificate, keys and time, one per line */
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
                /** @description A repeated request with the same key receives the first response */
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
                /** @description A repeated request with the same key receives the first response */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description name or id of a proxy cluster, or `default`, the cluster of relays that are in no other */
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
                /** @description A repeated request with the same key receives the first response */
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
    "users.list-access": {
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
                        items: components["schemas"]["UserAccess"][];
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
                /** @description A repeated request with the same key receives the first response */
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
    "delivery.show": {
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
                    "application/json": components["schemas"]["DeliveryStatus"];
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
    "live-sessions.by-server": {
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
                    "application/json": components["schemas"]["LiveSessions"];
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
                filter?: string;
                resource?: string;
                account?: string;
                node?: string;
                proxyCluster?: string;
                gateway?: string;
                clientAddress?: string;
                outcome?: "refused" | "failed" | "completed";
                endReason?: "no grant" | "account suspended" | "login ended" | "resource deleted" | "certificate expired" | "limit reached" | "policy stale" | "draining" | "journal full" | "egress denied" | "name not resolved" | "connect refused" | "unreachable" | "dial timeout" | "client gone" | "no relay" | "link lost" | "relay lost" | "journal failed" | "client closed" | "resource closed" | "client reset" | "resource reset" | "grant ended" | "idle" | "maximum length" | "operator ended" | "drained";
                rule?: string;
                since?: string;
                until?: string;
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
    "sessions.list-facts": {
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
                        items: components["schemas"]["SessionFact"][];
                        nextCursor?: string;
                        /** @description false: the beginning or the end of the record is not among its facts, because a release stored them that did not note which session a fact is about */
                        complete: boolean;
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
    "sessions.end": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
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
    "chains.list": {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
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
                        items: components["schemas"]["FactChain"][];
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
    "chains.facts": {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
                from?: number;
                to?: number;
            };
            header?: never;
            path: {
                author: string;
                incarnation: string;
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
                        items: components["schemas"]["ChainFact"][];
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
    "retention.show": {
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
                    "application/json": components["schemas"]["Retention"];
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
    "holds.list": {
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
                        items: components["schemas"]["Hold"][];
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
    "holds.create": {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeated request with the same key receives the first response */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description id or e-mail that an account had at the time; null: of any */
                    account?: string | null;
                    /** @description id or name that a server had at the time; null: of any */
                    resource?: string | null;
                    /**
                     * Format: date-time
                     * @description sessions that had not ended then; null: from the beginning
                     */
                    since?: string | null;
                    /**
                     * Format: date-time
                     * @description sessions that began before, or within a day after; null: all later ones
                     */
                    until?: string | null;
                    reason: string;
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
                    "application/json": components["schemas"]["Hold"];
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
    "holds.show": {
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
                    "application/json": components["schemas"]["Hold"];
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
    "holds.release": {
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
                    "application/json": components["schemas"]["Hold"];
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
    "siem-readers.list": {
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
                        items: components["schemas"]["SiemReader"][];
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
    "siem-readers.create": {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeated request with the same key receives the first response */
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
                     * @default cloudevents
                     * @enum {string}
                     */
                    format?: "cloudevents" | "ocsf";
                    /**
                     * @description default: all events of the format, `audit.v1.>` or `siem.v1.ocsf.>`
                     * @default []
                     */
                    subjects?: string[];
                    /**
                     * Format: date-time
                     * @description it begins with the events that were stored then
                     */
                    fromTime?: string | null;
                    /** @description it begins with the event of this number, or with the oldest one if the stream has not reached the number */
                    fromNumber?: number | null;
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
                    "application/json": components["schemas"]["SiemCredentials"];
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
    "siem-readers.show": {
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
                    "application/json": components["schemas"]["ShownSiemReader"];
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
    "siem-readers.delete": {
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
    "siem-readers.rotate": {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeated request with the same key receives the first response */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
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
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SiemCredentials"];
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
    "siem-readers.replay": {
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
                    /**
                     * Format: date-time
                     * @description it begins with the events that were stored then
                     */
                    fromTime?: string | null;
                    /** @description it begins with the event of this number, or with the oldest one if the stream has not reached the number */
                    fromNumber?: number | null;
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
                    "application/json": components["schemas"]["SiemReader"];
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
    "authorities.show": {
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
                    "application/json": components["schemas"]["Authorities"];
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
    "authorities.prepare": {
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
                    "application/json": components["schemas"]["Authorities"];
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
    "authorities.switch": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /**
                     * @description do it although it is in use
                     * @default false
                     */
                    force?: boolean;
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
                    "application/json": components["schemas"]["Authorities"];
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
    "authorities.retire": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /**
                     * @description do it although it is in use
                     * @default false
                     */
                    force?: boolean;
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
                    "application/json": components["schemas"]["Authorities"];
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
                    /** @description ends a session that has carried nothing for this long; 0: none */
                    idleTimeoutSeconds?: number;
                    /** @description maximum length of a session; 0: none */
                    maxSessionSeconds?: number;
                    /** @description idle time before TCP keep-alive probes; 0: none */
                    keepAliveSeconds?: number;
                    /** @description TCP_NODELAY at both ends of a session */
                    noDelay?: boolean;
                    /** @description maximum number of sessions to one server at one relay; 0: none */
                    sessionsPerServer?: number;
                    /** @description maximum number of sessions of one account at one relay; 0: none */
                    sessionsPerAccount?: number;
                    /** @description maximum number of links of one account at one gateway or listening relay; 0: none */
                    linksPerAccount?: number;
                    /** @description maximum number of sessions from one source address at one relay; 0: none */
                    sessionsPerAddress?: number;
                    /** @description maximum number of links from one source address at one gateway or listening relay; 0: none */
                    linksPerAddress?: number;
                    /** @description maximum number of connections a second from one source address at one tunnel port; 0: none */
                    preamblesPerAddress?: number;
                    /** @description a healthy server that no session has reached for this long is checked, 5-86400 */
                    checkIntervalSeconds?: number;
                    /** @description all relays together connect to a server for a check at most once in this time, whoever asks for it, 1-3600 */
                    checkBudgetSeconds?: number;
                    /** @description an address of 127.0.0.0/8, or a block of it ("multi-loopback") */
                    loopbackRange?: string;
                    /** @description whether servers may be in virtual network mode */
                    virtualNetworking?: boolean;
                    /** @description address block for servers in virtual network mode */
                    virtualSubnet?: string;
                    /** @description zones in which such servers may have DNS names */
                    dnsZones?: string[];
                    /** @description how many days records of sessions and attempts are kept, with their facts and all others of relays; 0: forever. A shorter time takes effect a day later */
                    sessionRetentionDays?: number;
                    /** @description how many days activities are kept, with all facts of the registry; 0: forever. A shorter time takes effect a day later */
                    activityRetentionDays?: number;
                    /** @description how many days other facts are kept: of health, integrity and services; 0: forever. A shorter time takes effect a day later */
                    factRetentionDays?: number;
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
                /** @description The same, for clients that cannot set a header */
                lastEventId?: string;
            };
            header?: {
                /** @description Continue after this message */
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
