{{/* What the Jobs of the set-up have in common. */}}
{{- define "sluice.setupContainer" -}}
image: {{ include "sluice.image" (list . "setup") }}
imagePullPolicy: {{ .Values.images.pullPolicy }}
{{ include "sluice.container" . }}
# Measured: 110 MiB for the secrets of an installation.
resources: { requests: { cpu: 100m, memory: 192Mi }, limits: { cpu: '1', memory: 512Mi } }
{{- end }}

{{/* The names of the Secrets that the set-up makes, as YAML. */}}
{{- define "sluice.secretNames" -}}
{{- $name := include "sluice.name" . }}
{{- range list "setup" "database" "registry" "admin" "ca" "audit" "health" "gateway" "api-tls" "nats" "postgres" "siem" }}
- {{ $name }}-{{ . }}
{{- end }}
{{- end }}

{{/* The groups of relays whose key the set-up makes, as arguments: CLUSTER=SECRET. */}}
{{- define "sluice.relayKeys" -}}
{{- $name := include "sluice.name" . }}
{{- range .Values.relays }}{{ if not .keySecret }}
- {{ printf "%s=%s-relay-%s" .cluster $name .name | quote }}
{{- end }}{{ end }}
{{- end }}

{{/* The token of a service account, and the authority of the cluster's API, as a volume: the pod mounts no other. */}}
{{- define "sluice.kubernetesVolume" -}}
- name: kubernetes
  projected:
    defaultMode: 0440
    sources:
      - serviceAccountToken: { path: token, expirationSeconds: 3600 }
      - configMap: { name: kube-root-ca.crt, items: [{ key: ca.crt, path: ca.crt }] }
      - downwardAPI: { items: [{ path: namespace, fieldRef: { fieldPath: metadata.namespace } }] }
{{- end }}
