-- The scenarios, for wrk. One thread, so that the counters are one.
local scenario = os.getenv("SCENARIO")
local clinics = tonumber(os.getenv("CLINICS"))
local patients = tonumber(os.getenv("PATIENTS"))
local doctors = tonumber(os.getenv("DOCTORS"))
local next_booking = tonumber(os.getenv("BOOK_FROM"))
local next_open = tonumber(os.getenv("OPEN_FROM"))
local admin = { ["Authorization"] = "Bearer " .. os.getenv("ADMIN"), ["Content-Type"] = "application/json" }
local terms = { "ana", "mar", "rive", "garr", "tho", "p12", "7875551", "sant", "lu", "wil", "cast", "gome", "jo", "per", "nel" }
local completed = {}
local failed = 0
math.randomseed(42)

-- Clinic 1 has the patients 1, 1 + clinics, …, the doctors 2 … doctors + 1 and the appointments 1, 1 + clinics, …
local function patient() return 1 + clinics * math.random(0, math.floor(patients / clinics) - 1) end

local requests = {}

function requests.patient() return wrk.format("GET", "/api/patients/" .. patient(), admin) end

function requests.search() return wrk.format("GET", "/api/patients/search?q=" .. terms[math.random(#terms)], admin) end

function requests.day()
  local day = os.date("!%Y-%m-%d", 1767603600 + 86400 * math.random(0, 200))
  return wrk.format("GET", "/api/appointments?from=" .. day .. "T00:00:00Z&to=" .. day .. "T23:59:59Z&per_page=100", admin)
end

function requests.book()
  local doctor = 2 + next_booking % doctors
  local start = 1893456000 + 900 * math.floor(next_booking / doctors)
  next_booking = next_booking + 1
  local body = string.format('{"patient_id":%d,"provider_user_id":%d,"scheduled_start":"%s","scheduled_end":"%s"}', patient(), doctor,
    os.date("!%Y-%m-%dT%H:%M:%SZ", start), os.date("!%Y-%m-%dT%H:%M:%SZ", start + 900))
  return wrk.format("POST", "/api/appointments", admin, body)
end

function requests.complete()
  local id = table.remove(completed)
  if id then return wrk.format("POST", "/api/invoices", admin, '{"appointment_id":' .. id .. "}") end
  id = next_open
  next_open = next_open + clinics
  return wrk.format("PUT", "/api/appointments/" .. id, admin, '{"status":"completed"}')
end

function requests.mixed()
  local dice = math.random(100)
  if dice <= 40 then return requests.patient() end
  if dice <= 60 then return requests.search() end
  if dice <= 80 then return requests.day() end
  if dice <= 90 then return requests.book() end
  return requests.complete()
end

request = requests[scenario]

function response(status, _, body)
  if status >= 300 then
    failed = failed + 1
    if failed == 1 then io.stderr:write(status .. " " .. body:sub(1, 300) .. "\n") end
  elseif scenario == "complete" or scenario == "mixed" then
    local id = body:match('"status":"completed"') and body:match('"appointment_id":(%d+)')
    if id and body:find('"message":"Appointment updated', 1, true) then table.insert(completed, id) end
  end
end

function done(summary, latency)
  local errors = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout + summary.errors.status
  io.write(string.format('{"requests":%d,"duration_us":%d,"p50_us":%d,"p99_us":%d,"errors":%d}\n', summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99), errors))
end
