{{/* The prefix of every object's name. */}}
{{- define "sluice.name" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name }}{{ else }}{{ .Release.Name }}-{{ .Chart.Name }}{{ end }}
{{- end }}

{{/* Labels that select the pods of a component: (list root component). */}}
{{- define "sluice.selector" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: {{ $root.Chart.Name }}
app.kubernetes.io/instance: {{ $root.Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end }}

{{/* Labels of an object: (list root component). */}}
{{- define "sluice.labels" -}}
{{- $root := index . 0 -}}
{{ include "sluice.selector" . }}
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
helm.sh/chart: {{ $root.Chart.Name }}-{{ $root.Chart.Version }}
{{- end }}

{{/* The reference of an image of ours: (list root name). */}}
{{- define "sluice.image" -}}
{{- $images := (index . 0).Values.images -}}
{{- $name := index . 1 -}}
{{- $path := printf "%ssluice-%s" (ternary "" (printf "%s/" $images.repository) (empty $images.repository)) $name -}}
{{- if and $images.requireDigests (not (index $images.digests $name)) }}{{ fail (printf "images.digests has no %s, and images.requireDigests is set" $name) }}{{ end -}}
{{- with index $images.digests $name }}{{ $path }}@{{ . }}{{ else }}{{ $path }}:{{ $images.tag | default (index $ 0).Chart.AppVersion }}{{ end }}
{{- end }}

{{/* The reference of an image of others: (list root name). */}}
{{- define "sluice.imageOfOthers" -}}
{{- $images := (index . 0).Values.images -}}
{{- $reference := index $images (index . 1) -}}
{{- if and $images.requireDigests (not (contains "@sha256:" $reference)) }}{{ fail (printf "images.%s has no digest, and images.requireDigests is set" (index . 1)) }}{{ end -}}
{{- $reference -}}
{{- end }}

{{/* Where agents and relays outside the cluster reach the API. */}}
{{- define "sluice.publicUrl" -}}
https://{{ .Values.host }}{{ if ne (int .Values.api.service.port) 443 }}:{{ .Values.api.service.port }}{{ end }}
{{- end }}

{{/* The Secret with the API's certificate. */}}
{{- define "sluice.tlsSecret" -}}
{{- if .Values.api.tls.secret }}{{ .Values.api.tls.secret }}
{{- else if .Values.api.tls.certManager.enabled }}{{ include "sluice.name" . }}-api-certificate
{{- else }}{{ include "sluice.name" . }}-api-tls{{ end }}
{{- end }}

{{/* "true" if the API's certificate is signed by the set-up's own authority; only then does it contain the name of the Service. */}}
{{- define "sluice.ownCertificate" -}}
{{- if not (or .Values.api.tls.secret .Values.api.tls.certManager.enabled) }}true{{ end }}
{{- end }}

{{/* Where processes in the cluster reach the API, by a name in its certificate. */}}
{{- define "sluice.innerUrl" -}}
{{- if include "sluice.ownCertificate" . }}https://{{ include "sluice.name" . }}-api:{{ .Values.api.service.port }}
{{- else }}{{ include "sluice.publicUrl" . }}{{ end }}
{{- end }}

{{/* The file with the authority of the API's certificate, as a source of a volume; nothing for a public authority. */}}
{{- define "sluice.apiAuthority" -}}
{{- if include "sluice.ownCertificate" . }}
- secret: { name: {{ include "sluice.name" . }}-ca, items: [{ key: bus-ca.pem, path: api-ca.pem }] }
{{- else if .Values.api.tls.ca }}
- secret: { name: {{ .Values.api.tls.ca }}, items: [{ key: ca.crt, path: api-ca.pem }] }
{{- end }}
{{- end }}

{{- define "sluice.natsAddress" -}}
{{- if eq .Values.nats.mode "external" }}{{ required "nats.address is needed with nats.mode=external" .Values.nats.address }}
{{- else }}{{ include "sluice.name" . }}-nats:4222{{ end }}
{{- end }}

{{/* PostgreSQL as clients reach it, without the user: host:port/database?options. */}}
{{- define "sluice.postgres" -}}
{{- if eq .Values.postgres.mode "external" -}}
{{ required "postgres.host is needed with postgres.mode=external" .Values.postgres.host }}:{{ .Values.postgres.port }}/{{ .Values.postgres.database }}?sslmode={{ .Values.postgres.sslmode }}{{ if .Values.postgres.ca }}&sslrootcert=/run/secrets/postgres-ca.pem{{ end }}
{{- else -}}
{{ include "sluice.name" . }}-postgres:5432/sluice?sslmode=verify-full&sslrootcert=/run/secrets/bus-ca.pem
{{- end }}
{{- end }}

{{/* The files with the authority of PostgreSQL's certificate, as sources of a volume. */}}
{{- define "sluice.postgresAuthority" -}}
{{- if eq .Values.postgres.mode "single" }}
- secret: { name: {{ include "sluice.name" . }}-ca, items: [{ key: bus-ca.pem, path: bus-ca.pem }] }
{{- else if .Values.postgres.ca }}
- secret: { name: {{ .Values.postgres.ca }}, items: [{ key: ca.crt, path: postgres-ca.pem }] }
{{- end }}
{{- end }}

{{/* A quantity of Kubernetes, such as 12Gi, in bytes. */}}
{{- define "sluice.bytes" -}}
{{- $text := toString . -}}
{{- $unit := regexFind "[A-Za-z]+$" $text -}}
{{- $power := get (dict "" 0 "k" 1 "K" 1 "M" 2 "G" 3 "T" 4 "P" 5 "E" 6) (trimSuffix "i" $unit) | int -}}
{{- $bytes := trimSuffix $unit $text | float64 -}}
{{- range until $power }}{{ $bytes = mulf $bytes (ternary 1024 1000 (hasSuffix "i" $unit)) }}{{ end -}}
{{- $bytes | int64 -}}
{{- end }}

{{/* What JetStream may store in total, in bytes: facts, OCSF events, and a gibibyte for the policy. */}}
{{- define "sluice.jetstreamBytes" -}}
{{- add (int64 .Values.audit.streamBytes) (int64 (default 1073741824 .Values.audit.env.SLUICE_AUDIT_OCSF_BYTES)) 1073741824 -}}
{{- end }}

{{/* Fails if the volume of a server of NATS is smaller than what JetStream may store, and a tenth for its file system. */}}
{{- define "sluice.checkNatsStorage" -}}
{{- $needed := mulf 1.1 (include "sluice.jetstreamBytes" . | int64) -}}
{{- if lt (include "sluice.bytes" .Values.nats.storage | float64) $needed -}}
{{- fail (printf "nats.storage is %v, too small for audit.streamBytes (%d) and what else JetStream stores: at least %dGi" .Values.nats.storage (int64 .Values.audit.streamBytes) (divf $needed 1073741824 | ceil | int64)) -}}
{{- end -}}
{{- end }}
